//! "Request data deletion": asked for, confirmed by a mailed link, and taken back for seven days. What is erased then: `erasing.rs`.

use chrono::Duration;
use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::{CHOSEN, is_signed_in, reset_token, sign_in};
use crate::count;
use crate::support::{
    Answer, Browser, PASSWORD, Persona, Portal, SLUG, acme, on_both,
    outbox::run_due_jobs,
    state::{assert_unchanged, stored},
};

pub(super) const PAGE: &str = "/account/privacy/deletion";
const PRIVACY: &str = "/account/privacy";
const KEEP: &str = "/account/privacy/deletion/keep";
const RITA: &str = "rita@example.com";
const SECOND: &str = "second@example.com";

/// Asks for it, and answers the path of the link that is mailed.
pub(super) fn link(portal: &Portal, browser: &Browser, email: &str) -> String {
    portal.later(Duration::seconds(1));
    let answer = browser.post(PAGE, &[]);
    assert_eq!((answer.status, answer.location()), (303, PRIVACY), "{}", answer.text());
    let link = portal.link_to(email);
    assert!(link.starts_with("/account/privacy/deletion/confirm/"), "{link}");
    link
}

/// Asks for it and confirms it.
pub(super) fn confirmed(portal: &Portal, browser: &Browser, email: &str) {
    let answer = browser.post(&link(portal, browser, email), &[]);
    assert_eq!((answer.status, answer.location()), (303, PRIVACY), "{}", answer.text());
}

/// Lets the seven days pass, and does what is due then.
pub(super) fn pass(portal: &Portal) {
    portal.later(Duration::days(7));
    run_due_jobs(portal);
}

fn assert_unusable(answer: &Answer) {
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This link does not work"));
}

/// Whether somebody signs in with this address and the usual password.
pub(super) fn opens(portal: &Portal, email: &str) -> bool {
    sign_in(&portal.browser(), email, PASSWORD).status == 303
}

fn subject_of_last(portal: &Portal, email: &str) -> String {
    portal.mails_to(email).pop().expect("a mail").subject
}

#[apply(on_both)]
fn it_is_confirmed_by_a_mailed_link_and_done_seven_days_later(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    let elsewhere = portal.signed_in(Persona::Reader);
    assert!(reader.get(PRIVACY).html().attributes("a", "href").contains(&PAGE.to_owned()));
    let page = reader.get(PAGE);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Delete account"));
    let mut actions = portal.recorded_actions(|| {
        let answer = reader.post(PAGE, &[]);
        assert!(reader.follow(answer).text().contains("We sent a link to rita@example.com."));
    });
    let link = portal.link_to(RITA);
    assert!(reader.get(PAGE).text().contains("A link is on its way"));
    assert!(!reader.get("/home").text().contains("will be deleted"), "nothing happens before it is confirmed");
    let before = portal.dump();
    let page = reader.get(&link);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Delete your account?"));
    assert!(page.text().contains("deleted on 30 November 2026"), "{}", page.text());
    assert_eq!(portal.dump(), before, "opening the link changes nothing");
    actions.extend(portal.recorded_actions(|| {
        let answer = reader.post(&link, &[]);
        let said = reader.follow(answer).text();
        assert!(said.contains("Your account will be deleted on 30 November 2026."), "{said}");
    }));
    assert_eq!(actions, ["account.deletion.asked", "account.deletion.confirmed"]);
    assert_eq!(subject_of_last(portal, RITA), "Your Portico account will be deleted");
    for path in ["/home", PRIVACY, PAGE] {
        let shown = elsewhere.get(path);
        assert!(shown.html().texts("main button").contains(&"Keep my account".to_owned()), "{path}: {}", shown.text());
        assert!(shown.text().contains("Your account will be deleted"), "{path}");
    }
    portal.later(Duration::days(7) - Duration::seconds(1));
    run_due_jobs(portal);
    assert!(opens(portal, RITA), "until the last moment it is there");
    assert!(portal.signed_in(Persona::Reader).get("/home").text().contains("Keep my account"));
    portal.later(Duration::hours(1));
    run_due_jobs(portal);
    assert!(!opens(portal, RITA));
    assert_eq!(portal.role_of(RITA), None);
    assert_eq!(portal.mails_to(RITA).len(), 1, "the last mail");
    assert_eq!(subject_of_last(portal, RITA), "Your Portico account is deleted");
    assert_eq!(portal.actions().last().map(String::as_str), Some("account.deleted"));
    assert_eq!(count!(portal, account_deletions), 0);
}

#[apply(on_both)]
fn the_link_counts_once_for_24_hours_and_for_who_asked(#[case] portal: &Portal) {
    let (rita, milo) = (portal.signed_in(Persona::Reader), portal.signed_in(Persona::Member));
    let first = link(portal, &rita, RITA);
    for answer in [milo.get(&first), milo.post(&first, &[])] {
        assert_unusable(&answer);
    }
    let signed_out = portal.browser().post(&first, &[]);
    assert!(signed_out.status == 303 && signed_out.location().starts_with("/sign-in"), "{}", signed_out.location());
    let second = link(portal, &rita, RITA);
    assert_unusable(&rita.post(&first, &[]));
    portal.later(Duration::hours(24));
    let rita = portal.signed_in(Persona::Reader);
    assert_unusable(&rita.get(&second));
    assert_unusable(&rita.post(&second, &[]));
    run_due_jobs(portal);
    assert_eq!(count!(portal, account_deletions), 0, "what ran out is removed");
    let third = link(portal, &rita, RITA);
    assert_eq!(rita.post(&third, &[]).status, 303);
    assert_unusable(&rita.post(&third, &[]));
    assert_unusable(&rita.get("/account/privacy/deletion/confirm/wrong"));
    let again = rita.post(PAGE, &[]);
    assert!(rita.follow(again).text().contains("You have confirmed it already."));
    assert_eq!(count!(portal, account_deletions), 1);
}

#[apply(on_both)]
fn a_new_password_or_another_address_ends_the_link(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    let by_change = link(portal, &rita, RITA);
    let passwords = [("current_password", PASSWORD), ("password", CHOSEN)];
    assert_eq!(rita.post("/account/security/password", &passwords).status, 303);
    assert_unusable(&rita.post(&by_change, &[]));
    let by_reset = link(portal, &rita, RITA);
    let token = reset_token(portal, RITA);
    let answer = portal.browser().post("/reset-password", &[("token", &token), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303);
    let rita = portal.signed_in(Persona::Reader);
    assert_unusable(&rita.post(&by_reset, &[]));
    let by_address = link(portal, &rita, RITA);
    portal.later(Duration::seconds(1));
    assert_eq!(rita.post("/account/security/email", &[("email", "rita@elsewhere.example")]).status, 303);
    assert_eq!(rita.post(&portal.link_to("rita@elsewhere.example"), &[]).status, 303);
    assert_unusable(&rita.post(&by_address, &[]));
    assert!(!portal.actions().contains(&"account.deletion.ended".to_owned()), "nothing was confirmed");
}

#[apply(on_both)]
fn it_is_taken_back_at_home(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    confirmed(portal, &rita, RITA);
    portal.later(Duration::days(6));
    let rita = portal.signed_in(Persona::Reader);
    let recorded = portal.recorded_actions(|| {
        let answer = rita.post(KEEP, &[]);
        assert!(rita.follow(answer).text().contains("Your account stays as it is."));
    });
    assert_eq!(recorded, ["account.deletion.ended"]);
    assert_eq!(subject_of_last(portal, RITA), "Your Portico account stays");
    assert!(!rita.get("/home").text().contains("will be deleted"));
    let again = rita.post(KEEP, &[]);
    assert!(rita.follow(again).text().contains("Nothing would have deleted your account"));
    pass(portal);
    assert!(opens(portal, RITA));
    // Before it is confirmed, the link alone is ended.
    let rita = portal.signed_in(Persona::Reader);
    let link = link(portal, &rita, RITA);
    assert_eq!(rita.post(KEEP, &[]).status, 303);
    assert_unusable(&rita.post(&link, &[]));
}

#[apply(on_both)]
fn a_new_password_keeps_the_account(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    confirmed(portal, &rita, RITA);
    let passwords = [("current_password", PASSWORD), ("password", CHOSEN)];
    assert_eq!(rita.post("/account/security/password", &passwords).status, 303);
    assert!(portal.mails_to(RITA).iter().any(|mail| mail.subject == "Your Portico account stays"));
    assert_eq!(count!(portal, account_deletions), 0);
    // Whoever has the mailbox chooses a new one without the old.
    confirmed(portal, &rita, RITA);
    let token = reset_token(portal, RITA);
    let answer = portal.browser().post("/reset-password", &[("token", &token), ("password", PASSWORD)]);
    assert_eq!(answer.status, 303);
    let kept = portal.actions().iter().filter(|action| *action == "account.deletion.ended").count();
    assert_eq!(kept, 2);
    pass(portal);
    assert!(opens(portal, RITA));
}

#[apply(on_both)]
fn a_sole_owner_is_told_where_and_nothing_is_mailed(#[case] portal: &Portal) {
    let olga = portal.signed_in(Persona::Owner);
    let page = olga.get(PAGE);
    assert!(page.text().contains("It cannot be deleted yet"));
    let links = page.html().attributes("main a", "href");
    assert!(links.contains(&acme("/people")) && links.contains(&acme("/close")), "{links:?}");
    assert!(!page.html().has("main form[method=post]"), "there is nothing to press");
    let refused = olga.post(PAGE, &[]);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("You are the only Owner of this Organization"));
    assert!(portal.mails_to(&Persona::Owner.email()).is_empty());
    // Somebody who is suspended counts as none.
    portal.add_person(SECOND, Role::Owner);
    assert!(!olga.get(PAGE).text().contains("It cannot be deleted yet"));
    let suspended = portal.app.write_now::<_, portico::db::DbError>(|tx| {
        portico::people::suspension::suspend(tx, &portal.operator(), SECOND)
    });
    assert!(suspended.is_ok());
    assert_eq!(olga.post(PAGE, &[]).status, 409);
    // What is closed keeps nobody.
    assert_eq!(olga.post(&acme("/close"), &[("name", "Acme")]).status, 303);
    link(portal, &olga, &Persona::Owner.email());
}

#[apply(on_both)]
fn who_became_the_sole_owner_meanwhile_cannot_confirm_before_there_is_another(#[case] portal: &Portal) {
    portal.add_person(SECOND, Role::Owner);
    let olga = portal.signed_in(Persona::Owner);
    let link = link(portal, &olga, &Persona::Owner.email());
    portal.set_role(SECOND, Role::Manager);
    assert!(olga.get(&link).text().contains("It cannot be deleted yet"));
    let refused = olga.post(&link, &[]);
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("You are the only Owner"), "{}", refused.text());
    assert!(!olga.get("/home").text().contains("will be deleted"));
    portal.set_role(SECOND, Role::Owner);
    assert_eq!(olga.post(&link, &[]).status, 303, "the link works on");
}

#[apply(on_both)]
fn it_asks_for_a_fresh_sign_in_and_is_limited(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    for _ in 0..5 {
        link(portal, &rita, RITA);
    }
    let refused = rita.post(PAGE, &[]);
    assert!(refused.status == 429 && !refused.header("retry-after").is_empty(), "{}", refused.status);
    portal.later(Duration::minutes(11));
    assert_eq!(rita.get(PAGE).location().split('?').next(), Some("/sign-in/confirm"));
    let unconfirmed = rita.post(PAGE, &[]);
    assert_eq!((unconfirmed.status, unconfirmed.html().text("h1").as_str()), (403, "Confirm that it is you"));
    assert_eq!(rita.post(KEEP, &[]).location(), PRIVACY, "keeping it does not");
}

#[apply(on_both)]
fn a_stolen_session_stops_working_at_once(#[case] portal: &Portal) {
    let rita = portal.signed_in(Persona::Reader);
    confirmed(portal, &rita, RITA);
    portal.later(Duration::days(6));
    let stolen = portal.signed_in(Persona::Reader);
    portal.later(Duration::days(1));
    assert!(is_signed_in(&stolen));
    assert_eq!(stolen.get(&format!("/organizations/{SLUG}")).status, 200);
    run_due_jobs(portal);
    assert!(!is_signed_in(&stolen));
    let before = stored(portal);
    for path in ["/account/details", KEEP, "/home/invitations/none/accept"] {
        stolen.post(path, &[("first_name", "Rita")]);
    }
    assert_unchanged(&before, &stored(portal), "requests with the session of an account that is deleted");
}
