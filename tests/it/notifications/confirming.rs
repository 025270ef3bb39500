//! The link that confirms an address.

use chrono::Duration;
use portico::notifications::kinds::Kinds;
use portico::notifications::recipients::State;
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, unsubscribe_link};
use crate::support::state::{assert_unchanged, stored};
use crate::support::{Portal, at_once, on_both};

#[apply(on_both)]
fn opening_the_link_changes_nothing_and_the_button_confirms(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds { payments: true, expired: true, ..Kinds::NONE });
    let (link, browser) = (portal.link_to(BOOKS), portal.browser());
    let before = stored(portal);
    let page = browser.get(&link);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Messages from Acme"));
    assert!(page.text().contains(BOOKS) && page.text().contains("Expired licences, Payment problems"));
    assert_unchanged(&before, &stored(portal), "a link that is opened");
    assert_eq!(browser.post(&link, &[]).html().text("h1"), "Address confirmed");
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Active);
    let again = browser.get(&link);
    assert_eq!((again.status, again.html().text("h1").as_str()), (404, "This link no longer works"));
    assert_eq!(browser.post(&link, &[]).status, 404);
}

#[apply(on_both)]
fn the_link_works_for_fifteen_days_to_the_second(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds::ALL);
    let link = portal.link_to(BOOKS);
    portal.later(Duration::days(15) - Duration::seconds(1));
    assert_eq!(portal.browser().get(&link).status, 200);
    portal.later(Duration::seconds(1));
    assert_eq!(portal.browser().get(&link).status, 404);
    assert_eq!(portal.browser().post(&link, &[]).status, 404);
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unconfirmed);
}

#[apply(on_both)]
fn the_secret_is_stored_as_a_hash_alone(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds::ALL);
    let links = [portal.link_to(BOOKS), unsubscribe_link(portal, BOOKS)];
    for link in links {
        let secret = link.rsplit('/').next().expect("a secret");
        assert_eq!(secret.len(), 43);
        assert!(!portal.dump().contains(secret));
    }
}

#[apply(on_both)]
fn unknown_removed_and_used_links_get_the_same_answer(#[case] portal: &Portal) {
    let removed = super::asked(portal, "bookkeeper-1@example.net");
    let browser = portal.browser();
    super::asked(portal, BOOKS);
    let unknown = browser.get("/notifications/confirm/nonsense");
    assert_eq!(unknown.status, 404);
    let gone = browser.get(&format!("/notifications/confirm/{}", removed.confirm_token));
    assert!(unknown.comparable() == gone.comparable());
}

/// Who confirms and unsubscribes at the same moment has done one after the other.
#[apply(on_both)]
fn confirming_and_unsubscribing_at_once_end_in_one_of_both(#[case] portal: &Portal) {
    for _ in 0..4 {
        let asked = super::asked(portal, BOOKS);
        let (confirm, unsubscribe) = (
            format!("/notifications/confirm/{}", asked.confirm_token),
            format!("/notifications/unsubscribe/{}", asked.unsubscribe_token),
        );
        let (confirmed, ended) =
            at_once(|| portal.browser().post(&confirm, &[]).status, || portal.browser().post(&unsubscribe, &[]).status);
        assert_eq!(ended, 200);
        // Whoever unsubscribes last is unsubscribed, and whoever does it first finds the link dead.
        assert!([200, 404].contains(&confirmed), "{confirmed}");
        assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unsubscribed);
    }
}

#[apply(on_both)]
fn two_who_confirm_at_once_do_it_once(#[case] portal: &Portal) {
    let asked = super::asked(portal, BOOKS);
    let confirm = format!("/notifications/confirm/{}", asked.confirm_token);
    let post = || portal.browser().post(&confirm, &[]).status;
    let (one, other) = at_once(post, post);
    assert_eq!(one.min(other), 200);
    let confirmed = portal.actions().into_iter().filter(|action| action == "notifications.recipient.confirmed");
    assert_eq!(confirmed.count(), 1);
}
