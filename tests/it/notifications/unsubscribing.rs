//! Ending mails by the link in one, and by the button of a mail program (RFC 8058).

use portico::notifications::kinds::Kinds;
use portico::notifications::recipients::State;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{BOOKS, unsubscribe_link};
use crate::support::state::{assert_unchanged, stored};
use crate::support::{Persona, Portal, acme, at_once, on_both};

#[apply(on_both)]
fn a_mail_program_ends_them_by_one_post_without_anything_else(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    let link = unsubscribe_link(portal, BOOKS);
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "https://mail.example"),
    ];
    let answer = portal.browser().send(Method::POST, &link, &headers, b"List-Unsubscribe=One-Click".to_vec());
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Unsubscribed"));
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unsubscribed);
    assert_eq!(portal.payment_fails(), 1, "the Owner alone");
    let page = portal.signed_in(Persona::Manager).get(&acme("/notifications"));
    assert!(page.text().contains("Unsubscribed"));
    // Once more, it says the same and writes nothing.
    let before = stored(portal);
    let again = portal.browser().send(Method::POST, &link, &[("Content-Type", "multipart/form-data")], Vec::new());
    assert_eq!(again.html().text("h1"), "Unsubscribed");
    assert_unchanged(&before, &stored(portal), "unsubscribing again");
}

#[apply(on_both)]
fn opening_the_link_shows_a_button_and_changes_nothing(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    let link = unsubscribe_link(portal, BOOKS);
    let before = stored(portal);
    let page = portal.browser().get(&link);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Messages from Acme"));
    assert_eq!(page.html().texts("main button"), ["Unsubscribe"]);
    assert_unchanged(&before, &stored(portal), "a link that is opened");
    assert_eq!(portal.browser().get("/notifications/unsubscribe/nonsense").status, 404);
    assert_eq!(portal.browser().post("/notifications/unsubscribe/nonsense", &[]).status, 404);
}

#[apply(on_both)]
fn who_is_signed_in_makes_no_difference(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    let link = unsubscribe_link(portal, BOOKS);
    let owner = portal.signed_in(Persona::Owner);
    let answer = owner.send(Method::POST, &link, &[("Sec-Fetch-Site", "cross-site")], Vec::new());
    assert_eq!(answer.status, 200);
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unsubscribed);
    assert_eq!(portal.payment_fails(), 1, "the Owner goes on");
}

#[apply(on_both)]
fn an_owner_who_unsubscribes_hears_nothing_until_they_choose_anew(#[case] portal: &Portal) {
    assert_eq!(portal.payment_fails(), 1);
    let link = unsubscribe_link(portal, &Persona::Owner.email());
    assert_eq!(portal.browser().post(&link, &[]).html().text("h1"), "Unsubscribed");
    assert_eq!(portal.payment_fails(), 0);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/notifications"));
    assert!(page.html().texts(".people-list li")[0].contains("Nothing"), "{}", page.text());
    assert_eq!(owner.post(&acme("/notifications/own"), &[("sent", "yes"), ("payments", "true")]).status, 303);
    assert_eq!(portal.payment_fails(), 1);
    assert_eq!(portal.browser().get(&link).html().text("h1"), "Messages from Acme", "and can unsubscribe again");
}

#[apply(on_both)]
fn the_mail_that_asks_can_be_answered_with_no_more(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds::ALL);
    let confirm = portal.link_to(BOOKS);
    assert_eq!(portal.browser().post(&unsubscribe_link(portal, BOOKS), &[]).status, 200);
    assert_eq!(portal.browser().post(&confirm, &[]).status, 404, "it is no more to be confirmed");
    assert_eq!(portal.recipient(BOOKS).state(portal.app.now()), State::Unsubscribed);
}

#[apply(on_both)]
fn unsubscribing_holds_for_who_was_removed_meanwhile(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    let (link, id) = (unsubscribe_link(portal, BOOKS), portal.recipient(BOOKS).id);
    let manager = portal.signed_in(Persona::Manager);
    assert_eq!(manager.post(&acme(&format!("/notifications/recipients/{id}/remove")), &[]).status, 303);
    assert_eq!(portal.browser().post(&link, &[]).html().text("h1"), "Unsubscribed");
    assert_eq!(portal.recipients().len(), 0);
    assert_eq!(portal.add_recipient(BOOKS, Kinds::ALL), portico::notifications::add::Add::Asked);
    assert_eq!(portal.payment_fails(), 1);
}

#[apply(on_both)]
fn two_who_unsubscribe_at_once_do_it_once(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    let link = unsubscribe_link(portal, BOOKS);
    let post = || portal.browser().post(&link, &[]).status;
    assert_eq!(at_once(post, post), (200, 200));
    let ended = portal.actions().into_iter().filter(|action| action == "notifications.recipient.unsubscribed");
    assert_eq!(ended.count(), 1);
}
