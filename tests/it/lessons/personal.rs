//! Lessons about what somebody changes of their own account.

use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::NEW_PASSWORD;
use crate::accounts::{OLGA, is_signed_in, mail_count, reset_token, sign_in, two_factor};
use crate::count;
use crate::support::{Browser, PASSWORD, Persona, Portal, on_both};

const EMAIL: &str = "/account/security/email";
const NEW: &str = "olga@elsewhere.example";

fn ask(browser: &Browser, email: &str) -> u16 {
    browser.post(EMAIL, &[("email", email)]).status
}

/// Row 4, CVE-2026-27801 (Vaultwarden): the check before a protected action could be guessed without limit.
#[apply(on_both)]
fn lesson_04_the_own_password_cannot_be_guessed_with_a_stolen_session(#[case] portal: &Portal) {
    let stolen = portal.signed_in(OLGA);
    let forms = [
        ("/account/security/password", ["current_password", "password"]),
        // What leads to everything else that is sensitive.
        ("/sign-in/confirm", ["password", "next"]),
    ];
    let send = |(path, [given, other]): (&str, [&str; 2]), password: &str| {
        stolen.post(path, &[(given, password), (other, NEW_PASSWORD)]).status
    };
    for form in forms {
        let statuses: Vec<u16> = (0..12).map(|_| send(form, "a guess of mine")).collect();
        assert_eq!(statuses, [[422; 10].as_slice(), &[429, 429]].concat(), "{form:?}");
        // Guesses count together, wherever they are made.
        assert_eq!(forms.map(|form| send(form, PASSWORD)), [429, 429], "{form:?}");
        portal.later(chrono::Duration::minutes(15));
    }
}

/// Row 4 again: the second step could be guessed by whoever had the password.
#[apply(on_both)]
fn lesson_04_the_second_step_cannot_be_guessed_without_limit(#[case] portal: &Portal) {
    two_factor::turn_on(portal, &portal.signed_in(OLGA));
    let thief = portal.browser();
    two_factor::give_password(&thief, &OLGA.email());
    let statuses: Vec<u16> = (0..12).map(|_| two_factor::enter(&thief, "000000").status).collect();
    assert_eq!(statuses, [[422; 10].as_slice(), &[429, 429]].concat());
    assert_eq!(thief.post("/sign-in/recovery-code", &[("code", "AAAA-AAAA")]).status, 429, "nor by the other way");
    assert!(!is_signed_in(&thief));
}

/// Row 5, CVE-2026-43911 (Vaultwarden) and row 26, CVE-2026-22706 (Strapi): credentials of a kind survived a new password.
#[apply(on_both)]
fn lesson_05_and_26_a_password_changed_while_signed_in_ends_every_session_and_link(#[case] portal: &Portal) {
    let second = portal.second_server();
    let here = portal.signed_in(OLGA);
    let others = [here.copy(), portal.signed_in(OLGA), second.signed_in(OLGA)];
    let reset = reset_token(portal, &OLGA.email());
    assert_eq!(ask(&here, NEW), 303);
    let confirm = portal.link_to(NEW);
    let fields = [("current_password", PASSWORD), ("password", NEW_PASSWORD), ("keep_sessions", "true")];
    assert_eq!(here.post("/account/security/password", &fields).status, 303);
    assert!(is_signed_in(&here));
    for other in &others {
        assert!(!is_signed_in(other));
    }
    assert_eq!(count!(portal, user_sessions), 1);
    assert_eq!(portal.browser().get(&format!("/reset-password?token={reset}")).status, 404);
    assert_eq!(here.post(&confirm, &[]).status, 404);
}

/// Row 11, CVE-2026-9087 (Keycloak): a proof was bound to a user, and not to the address that it proves.
#[apply(on_both)]
fn lesson_11_a_link_to_a_new_address_is_bound_to_account_and_both_addresses(#[case] portal: &Portal) {
    let (olga, manuel) = (portal.signed_in(OLGA), portal.signed_in(Persona::Manager));
    assert_eq!(ask(&olga, NEW), 303);
    let link = portal.link_to(NEW);
    let token = link.rsplit('/').next().expect("a token");
    assert_eq!(manuel.post(&link, &[]).status, 404, "another account");
    for path in ["/verify-email", "/reset-password"] {
        let answer = olga.post(path, &[("token", token), ("password", NEW_PASSWORD)]);
        assert_eq!(answer.status, 404, "{path}: another purpose");
    }
    // The form cannot name another address than the one that is proven.
    assert_eq!(
        olga.post(&link, &[("email", "eve@elsewhere.example"), ("new_email", "eve@elsewhere.example")]).status,
        303
    );
    assert!(olga.get("/account/security").text().contains(NEW));
    assert_eq!(sign_in(&portal.browser(), "eve@elsewhere.example", PASSWORD).status, 422);
}

/// Row 15, CVE-2019-1020018 (Discourse): opening a link was enough, so mail scanners used it up.
#[apply(on_both)]
fn lesson_15_opening_links_about_an_account_changes_nothing(#[case] portal: &Portal) {
    portal.later(chrono::Duration::minutes(5));
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303);
    let not_me = portal.link_to(&OLGA.email());
    let olga = portal.signed_in(OLGA);
    assert_eq!(ask(&olga, NEW), 303);
    let confirm = portal.link_to(NEW);
    let before = portal.dump();
    for (browser, link) in [(&portal.browser(), &not_me), (&olga, &not_me), (&olga, &confirm)] {
        assert_eq!(browser.get(link).status, 200, "{link}");
        assert_eq!(browser.send(Method::HEAD, link, &[], Vec::new()).status, 200, "{link}");
    }
    assert_eq!(portal.dump(), before);
}

/// Row 16, CVE-2022-31184 (Discourse): a stranger could have any number of mails sent.
#[apply(on_both)]
fn lesson_16_nobody_fills_a_mailbox_by_asking_for_its_address(#[case] portal: &Portal) {
    let statuses: Vec<u16> = (0..8).map(|_| ask(&portal.signed_in(OLGA), "victim@example.net")).collect();
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429, 429, 429]);
    assert_eq!(portal.mails_to("victim@example.net").len(), 5);
}

/// Row 17, CVE-2023-7028 (GitLab): a field that came twice sent a link to the second address.
#[apply(on_both)]
fn lesson_17_two_new_addresses_are_none(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    for fields in [[("email", NEW), ("email", "eve@example.com")], [("email[]", NEW), ("email[]", "eve@example.com")]] {
        assert!(matches!(olga.post(EMAIL, &fields).status, 400 | 422), "{fields:?}");
    }
    assert_eq!((mail_count(portal), count!(portal, email_changes)), (0, 0));
}
