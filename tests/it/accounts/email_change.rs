//! Another e-mail address for an account.

use chrono::Duration;
use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, mail_count, reset_token, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, acme, all_at_once, on_both};

const PATH: &str = "/account/security/email";
const NEW: &str = "olga@elsewhere.example";

fn ask(browser: &Browser, email: &str) -> Answer {
    browser.post(PATH, &[("email", email)])
}

/// Asks for a new address, and answers the path of the link that was mailed there.
fn link(portal: &Portal, browser: &Browser, email: &str) -> String {
    portal.later(Duration::seconds(1));
    let answer = ask(browser, email);
    assert_eq!((answer.status, answer.location()), (303, "/account/security"), "{}", answer.text());
    let link = portal.link_to(&email.to_lowercase());
    assert!(link.starts_with("/account/security/email/confirm/"), "{link}");
    link
}

fn assert_unusable(answer: &Answer) {
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (404, "This link does not work"));
}

#[apply(on_both)]
fn the_address_changes_once_the_link_mailed_to_the_new_one_is_confirmed(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    assert!(browser.get("/account/security").text().contains("olga@example.com"));
    assert_eq!(browser.get(PATH).html().text("h1"), "Change e-mail address");
    let link = link(portal, &browser, "Olga@Elsewhere.Example");
    let overview = browser.get("/account/security").text();
    assert!(overview.contains("A new address waits for its confirmation") && overview.contains(NEW), "{overview}");

    let before = portal.dump();
    let page = browser.get(&link);
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Confirm your new e-mail address"));
    assert_eq!(portal.dump(), before, "opening the link changes nothing");
    assert!(portal.mails_to(&OLGA.email()).is_empty(), "nothing has changed yet");

    let answer = browser.post(&link, &[]);
    assert_eq!((answer.status, answer.location()), (303, "/account/security"));
    let overview = browser.get("/account/security").text();
    assert!(overview.contains("Your e-mail address is olga@elsewhere.example now."), "{overview}");
    assert!(is_signed_in(&browser));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 422);
    assert_eq!(sign_in(&portal.browser(), NEW, PASSWORD).status, 303);

    let notice = portal.mails_to(&OLGA.email()).pop().expect("the old address is told");
    assert_eq!(notice.subject, "The e-mail address of your Portico account was changed");
    assert!(notice.text.contains(NEW) && notice.text.contains("127.0.0.1"), "{}", notice.text);
    let actions = portal.actions();
    assert!(actions.contains(&"account.email.changed".to_owned()), "{actions:?}");
}

#[apply(on_both)]
fn people_find_somebody_by_the_new_address_and_not_by_the_old_one(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Reader);
    let link = link(portal, &browser, "quill@elsewhere.example");
    assert_eq!(browser.post(&link, &[]).status, 303);
    let owner = portal.signed_in(OLGA);
    let found = |words: &str| owner.get(&format!("{}?search={words}", acme("/people"))).text();
    assert!(found("quill").contains("quill@elsewhere.example"));
    assert!(!found("rita@").contains("Rita Tester"));
    assert_eq!(portal.role_of("quill@elsewhere.example"), Some(Role::Reader));
}

/// That the answers are the same stands in `enumeration.rs`.
#[apply(on_both)]
fn the_holder_of_a_taken_address_is_told_and_nobody_else(#[case] portal: &Portal) {
    for (persona, email) in [(OLGA, Persona::Manager.email()), (Persona::Editor, "mandel@example.com".to_owned())] {
        assert_eq!(ask(&portal.signed_in(persona), &email).location(), "/account/security");
    }
    assert_eq!(count!(portal, email_changes), 2);
    // Only the holder of the taken address is told, without a link that changes anything.
    let mail = portal.mails_to(&Persona::Manager.email()).pop().expect("a mail");
    assert_eq!(mail.subject, "This address has a Portico account already");
    assert!(!mail.text.contains("/confirm/") && !mail.text.contains("olga@example.com"), "{}", mail.text);
    assert!(portal.mails_to("mandel@example.com").pop().expect("a mail").text.contains("/confirm/"));
}

#[apply(on_both)]
fn what_is_no_new_address_is_said_to_be_none(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    for (typed, message) in [
        ("", "Enter an e-mail address."),
        ("olga", "Enter an e-mail address like name@example.com."),
        ("olga@example.com,eve@example.com", "Enter an e-mail address like name@example.com."),
        (" OLGA@Example.com", "This is the address of your account already."),
    ] {
        let answer = ask(&browser, typed);
        assert_eq!((answer.status, answer.html().text("#email-error").as_str()), (422, message), "{typed:?}");
        assert_eq!(answer.html().value("email"), typed.trim().to_lowercase());
    }
    assert_eq!((mail_count(portal), count!(portal, email_changes)), (0, 0));
}

#[apply(on_both)]
fn a_link_counts_once_for_24_hours_and_for_who_asked(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    let first = link(portal, &olga, NEW);
    for answer in [manuel.get(&first), manuel.post(&first, &[])] {
        assert_unusable(&answer);
    }
    let signed_out = portal.browser().get(&first);
    assert_eq!(signed_out.status, 303);
    assert!(signed_out.location().starts_with("/sign-in?next="), "the link is opened after signing in");
    // Another one takes its place.
    let second = link(portal, &olga, "olga@third.example");
    assert_unusable(&olga.get(&first));
    assert_unusable(&olga.post(&first, &[]));
    assert_eq!(olga.post(&second, &[]).status, 303);
    assert_unusable(&olga.post(&second, &[]));
    let third = link(portal, &olga, NEW);
    portal.later(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(olga.get(&third).status, 200);
    portal.later(Duration::seconds(1));
    assert_unusable(&olga.get(&third));
    assert_unusable(&olga.post(&third, &[]));
    assert_unusable(&olga.post("/account/security/email/confirm/unknown", &[]));
}

#[apply(on_both)]
fn a_new_password_ends_what_waits(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    let before = link(portal, &olga, NEW);
    let fields = [("current_password", PASSWORD), ("password", CHOSEN)];
    assert_eq!(olga.post("/account/security/password", &fields).status, 303);
    assert_unusable(&olga.post(&before, &[]));
    portal.later(Duration::seconds(1));
    assert_eq!(ask(&olga, NEW).status, 303);
    let again = portal.link_to(NEW);
    let token = reset_token(portal, &OLGA.email());
    let fields = [("token", &*token), ("password", "seven silent swans")];
    assert_eq!(portal.browser().post("/reset-password", &fields).status, 303);
    let back = portal.browser();
    assert_eq!(sign_in(&back, &OLGA.email(), "seven silent swans").status, 303);
    assert_unusable(&back.post(&again, &[]));
}

#[apply(on_both)]
fn what_waits_can_be_called_off(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    let link = link(portal, &olga, NEW);
    assert!(olga.get("/account/security").html().has_button("Keep my address"));
    assert_eq!(olga.post("/account/security/email/cancel", &[]).location(), "/account/security");
    assert_unusable(&olga.post(&link, &[]));
    assert!(!olga.get("/account/security").text().contains("A new address waits"));
    assert_eq!(olga.post("/account/security/email/cancel", &[]).status, 303, "once more changes nothing");
}

#[apply(on_both)]
fn an_address_that_was_taken_meanwhile_is_not_taken_twice(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    let links = [link(portal, &olga, NEW), link(portal, &manuel, NEW)];
    let browsers = [&olga, &manuel];
    let statuses = all_at_once(2, |number| browsers[number].post(&links[number], &[]).status);
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 1, "{statuses:?}");
    assert!(is_signed_in(&olga) && is_signed_in(&manuel));
}

#[apply(on_both)]
fn an_unconfirmed_sign_up_does_not_keep_an_address_and_is_void_then(#[case] portal: &Portal) {
    let stranger = portal.browser();
    sign_up(&stranger, NINA);
    let token = token_to(portal, NINA);
    let olga = portal.signed_in(OLGA);
    let link = link(portal, &olga, NINA);
    assert_eq!(olga.post(&link, &[]).status, 303);
    assert_eq!(stranger.post("/verify-email", &[("token", &token)]).status, 404);
}

#[apply(on_both)]
fn links_to_a_new_password_end_with_the_old_address(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    let link = link(portal, &olga, NEW);
    let token = reset_token(portal, &OLGA.email());
    assert_eq!(olga.post(&link, &[]).status, 303);
    assert_eq!(portal.browser().get(&format!("/reset-password?token={token}")).status, 404);
}

#[apply(on_both)]
fn an_account_asks_for_so_many_addresses_a_day(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    for number in 0..10 {
        assert_eq!(ask(&olga, &format!("olga-{number}@elsewhere.example")).status, 303);
    }
    let answer = ask(&olga, NEW);
    assert_eq!(answer.status, 429);
    assert_eq!(answer.html().value("email"), NEW);
    assert!(portal.mails_to(NEW).is_empty());
    // Nobody's mailbox is filled by several accounts.
    let mut sent = 0;
    for persona in [Persona::Manager, Persona::Editor] {
        let browser = portal.signed_in(persona);
        sent += (0..4).filter(|_| ask(&browser, "victim@example.net").status == 303).count();
    }
    assert_eq!((sent, portal.mails_to("victim@example.net").len()), (5, 5));
}
