//! Signing up: what happens to the address, taken or free.

use portico::access::Role;
use portico::config::{Config, SignUp};
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, mail_count, post, sign_in, sign_up, sign_up_fields, token_to, with};
use crate::count;
use crate::support::state::state;
use crate::support::{Database, Portal, invite, on_both, on_each_database};

#[apply(on_both)]
fn signing_up_mails_a_link_and_creates_no_account_yet(#[case] portal: &Portal) {
    let browser = portal.browser();
    let users = count!(portal, users);
    let answer = sign_up(&browser, "  Nina@Example.COM ");
    assert!(answer.text().contains(NINA), "the page says where the message went: {}", answer.text());
    assert!(answer.text().contains("24 hours"));
    assert_eq!(count!(portal, users), users, "an account exists once its address is confirmed");
    assert!(!is_signed_in(&browser));
    assert_eq!(sign_in(&portal.browser(), NINA, CHOSEN).status, 422, "nobody signs in before confirming");

    let mails = portal.mails_to(NINA);
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].text.contains("Nina"), "a name is what a stranger typed: {}", mails[0].text);
    assert!(mails[0].text.contains("24 November 2026, 09:30"), "until when: {}", mails[0].text);
    assert!(mails[0].html.contains("Confirm e-mail address"));
    let link = portal.link_to(NINA);
    assert!(link.starts_with("/verify-email?token="), "{link}");
    assert!(mails[0].html.contains(&portal.app.context.links.to(&link)));
}

#[apply(on_both)]
fn signing_up_with_a_taken_address_answers_byte_for_byte_like_a_free_one(#[case] portal: &Portal) {
    // The same length, so that not even the length of the answer may differ.
    let (taken, free) = ("olga@example.com", "olaf@example.com");
    let before = state(portal);
    let answers: Vec<_> = [taken, free]
        .map(|email| {
            let browser = portal.browser();
            let answer = post(&browser, "/sign-up", &sign_up_fields(&browser, email));
            let (status, headers, body) = answer.comparable();
            assert_eq!(status, 200);
            (headers, body.replace(email, "ADDRESS"))
        })
        .into();
    assert_eq!(answers[0], answers[1]);

    assert_eq!(before["users"], state(portal)["users"], "the account is as it was");
    assert!(sign_in(&portal.browser(), taken, CHOSEN).status == 422, "and so is its password");

    let to_holder = portal.mails_to(taken);
    assert_eq!(to_holder.len(), 1);
    assert!(to_holder[0].subject.contains("already have"), "{}", to_holder[0].subject);
    assert!(to_holder[0].text.contains("Olga"), "the holder is addressed by the name of the account");
    assert!(!to_holder[0].text.contains("Nina"), "what a stranger typed is not passed on: {}", to_holder[0].text);
    assert_eq!(portal.link_to(taken), "/sign-in");
    assert!(to_holder[0].text.contains("/forgot-password") && !to_holder[0].text.contains("token="));
    assert!(portal.link_to(free).starts_with("/verify-email?token="));
}

#[apply(on_both)]
fn the_same_taken_address_in_other_letters_is_the_same_address(#[case] portal: &Portal) {
    sign_up(&portal.browser(), "OLGA@EXAMPLE.COM");
    assert!(portal.mails_to("olga@example.com")[0].subject.contains("already have"));
    assert_eq!(mail_count(portal), 1);
}

#[apply(on_both)]
fn a_sign_up_sent_twice_mails_once_and_the_browser_can_still_confirm_by_the_button(#[case] portal: &Portal) {
    for email in [NINA, "olga@example.com"] {
        let browser = portal.browser();
        let fields = sign_up_fields(&browser, email);
        let (first, second) = (post(&browser, "/sign-up", &fields), post(&browser, "/sign-up", &fields));
        assert_eq!((first.status, second.status), (200, 200));
        assert_eq!(first.body, second.body);
        assert_eq!(portal.mails_to(email).len(), 1, "{email}");
        if email == NINA {
            let page = browser.get(&portal.link_to(NINA));
            assert!(!page.html().has("input[name=password]"), "this browser signed up");
        }
    }
}

#[apply(on_both)]
fn a_sign_up_clicked_twice_at_once_mails_once(#[case] portal: &Portal) {
    let browser = portal.browser();
    let fields = sign_up_fields(&browser, NINA);
    let windows = [browser.copy(), browser.copy(), browser.copy(), browser.copy()];
    std::thread::scope(|scope| {
        let (fields, portal) = (&fields, &portal);
        let clicks = windows.map(|window| {
            scope.spawn(move || {
                let answer = post(&window, "/sign-up", fields);
                assert_eq!(answer.status, 200, "{}", answer.text());
            })
        });
        clicks.into_iter().for_each(|click| click.join().expect("the click is answered"));
        assert_eq!(portal.mails_to(NINA).len(), 1);
    });
    assert_eq!(count!(portal, sign_ups), 1);
}

#[apply(on_both)]
fn going_back_and_correcting_the_address_mails_the_corrected_one(#[case] portal: &Portal) {
    let browser = portal.browser();
    let fields = sign_up_fields(&browser, "nnia@example.com");
    assert_eq!(post(&browser, "/sign-up", &fields).status, 200);
    assert_eq!(post(&browser, "/sign-up", &with(&fields, "email", NINA)).status, 200);
    let link = portal.link_to(NINA);
    assert!(link.starts_with("/verify-email?token="));
    assert!(!browser.get(&link).html().has("input[name=password]"));
}

#[apply(on_both)]
fn signing_up_again_mails_a_second_link_and_both_work_until_one_is_used(#[case] portal: &Portal) {
    let (first_browser, second_browser) = (portal.browser(), portal.browser());
    sign_up(&first_browser, NINA);
    let first = token_to(portal, NINA);
    portal.later(chrono::Duration::minutes(5));
    sign_up(&second_browser, NINA);
    let second = token_to(portal, NINA);
    assert_ne!(first, second);
    assert_eq!(first_browser.get(&format!("/verify-email?token={first}")).status, 200);
    assert_eq!(second_browser.post("/verify-email", &[("token", &second)]).status, 303);
    assert_eq!(first_browser.post("/verify-email", &[("token", &first)]).status, 404, "the address is taken now");
    assert_eq!(count!(portal, sign_ups), 0);
}

#[apply(on_both)]
fn somebody_who_is_signed_in_is_led_home_from_the_sign_up_page(#[case] portal: &Portal) {
    let answer = portal.signed_in(OLGA).get("/sign-up");
    assert_eq!((answer.status, answer.location()), (303, "/home"));
}

#[apply(on_both)]
fn a_form_key_of_any_length_is_taken(#[case] portal: &Portal) {
    let browser = portal.browser();
    let fields = sign_up_fields(&browser, NINA);
    // Random, so that no database makes it shorter.
    let long: String = (0..200).map(|_| Secret::random().as_str().to_owned()).collect();
    assert_eq!(post(&browser, "/sign-up", &with(&fields, "form_key", &long)).status, 200);
    assert_eq!(post(&browser, "/sign-up", &with(&fields, "form_key", "")).status, 200);
    assert_eq!(portal.mails_to(NINA).len(), 2);
}

#[apply(on_each_database)]
fn where_only_invited_people_sign_up_there_is_no_sign_up_page(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.sign_up = SignUp::Invited);
    let browser = portal.browser();
    assert!(!browser.get("/sign-in").body.contains("/sign-up"), "no dead link");
    assert_eq!(browser.get("/sign-up").status, 404);
    let answer = browser.post("/sign-up", &[("email", NINA), ("password", CHOSEN), ("first_name", "Nina")]);
    assert_eq!(answer.status, 404);
    assert_eq!((mail_count(portal), count!(portal, sign_ups)), (0, 0));
}

#[apply(on_each_database)]
fn where_only_invited_people_sign_up_an_invitation_is_enough(#[case] database: Database) {
    let portal = &database.portal_with(|config: &mut Config| config.sign_up = SignUp::Invited);
    let owner = portal.signed_in(OLGA);
    assert_eq!(invite(&owner, NINA, Role::Editor).status, 303);
    let browser = portal.browser();
    let link = portal.link_to(NINA);
    assert!(browser.get(&link).html().has_button("Create account and accept"));
    let fields =
        [("first_name", "Nina"), ("last_name", "Newcomer"), ("password", CHOSEN), ("country", "CH"), ("terms", "true")];
    let answer = browser.post(&format!("{link}/sign-up"), &fields);
    assert_eq!((answer.status, answer.location()), (303, "/organizations/acme"));
    assert!(is_signed_in(&browser));
    assert_eq!(portal.role_of(NINA), Some(Role::Editor));
    assert_eq!(portal.mails_to(NINA).len(), 1, "the link proved the address: no other mail");
}
