//! Lessons about accounts, passwords, sessions and the mails of strangers.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{NEW_PASSWORD, NEW_PERSON, invite};
use crate::accounts::{
    NINA, OLGA, is_signed_in, mail_count, post, reset_token, sign_in, sign_up, sign_up_fields, token_to, two_factor,
};
use crate::count;
use crate::support::state::{assert_unchanged, stored};
use crate::support::{PASSWORD, Persona, Portal, on_both, sources};

/// Row 4, CVE-2026-27801 (Vaultwarden): a check that protects an action could be guessed without limit.
#[apply(on_both)]
fn lesson_04_the_password_behind_a_link_cannot_be_guessed_without_limit(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let token = token_to(portal, NINA);
    let guess = || portal.browser().post("/verify-email", &[("token", &token), ("password", "a guess of mine")]).status;
    let statuses: Vec<u16> = (0..12).map(|_| guess()).collect();
    assert_eq!(statuses, [[422; 10].as_slice(), &[429, 429]].concat());
}

/// Row 5, CVE-2026-43911 (Vaultwarden) and row 26, CVE-2026-22706 (Strapi): credentials of a kind survived a new password.
#[apply(on_both)]
fn lesson_05_and_26_no_session_and_no_link_survives_a_new_password(#[case] portal: &Portal) {
    let second = portal.second_server();
    let sessions = [portal.signed_in(OLGA), portal.signed_in(OLGA), second.signed_in(OLGA)];
    let (used, other) = (reset_token(portal, &OLGA.email()), reset_token(portal, &OLGA.email()));
    // Whatever the caller adds, and although it is the browser of a session: there is no way to keep some.
    let fields = [("token", used.as_str()), ("password", NEW_PASSWORD), ("keep_sessions", "true"), ("logout", "false")];
    assert_eq!(sessions[0].post("/reset-password", &fields).status, 303);
    for session in &sessions {
        assert!(!is_signed_in(session));
    }
    assert_eq!(count!(portal, user_sessions), 0);
    assert_eq!(portal.browser().get(&format!("/reset-password?token={other}")).status, 404);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 422);
}

/// Row 6, CVE-2026-47158 (Vaultwarden SSO): a sign-in that an attacker began was finished by the victim.
#[apply(on_both)]
fn lesson_06_a_sign_up_that_somebody_else_began_is_not_finished_by_a_click(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let victim = portal.browser();
    let page = victim.get(&portal.link_to(NINA));
    assert!(page.html().has("input[name=password]"), "the password that the stranger chose is asked for");
    assert_eq!(victim.post("/verify-email", &[("token", &page.html().value("token"))]).status, 422);
    assert!(!is_signed_in(&victim));
    assert_eq!(sign_in(&portal.browser(), NINA, NEW_PASSWORD).status, 422, "there is no account to share");
}

/// Row 6 again: nobody is signed in to an account of an attacker's choice by a page of the attacker's.
#[apply(on_both)]
fn lesson_06_no_other_site_signs_anybody_in(#[case] portal: &Portal) {
    let fields = format!("email=olga%40example.com&password={}", PASSWORD.replace(' ', "+"));
    for (name, value) in [
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
    ] {
        let browser = portal.browser();
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), (name, value)];
        for path in ["/sign-in", "/sign-up", "/verify-email", "/forgot-password", "/reset-password"] {
            let answer = browser.send(Method::POST, path, &headers, fields.clone().into_bytes());
            assert_eq!(answer.status, 403, "{path} with {name}: {value}");
            assert!(answer.header("set-cookie").is_empty());
        }
    }
    assert_eq!((count!(portal, user_sessions), mail_count(portal)), (0, 0));
}

/// Row 7, CVE-2026-47164 (Vaultwarden SSO): an unverified claim to an address led into the account of its holder.
#[apply(on_both)]
fn lesson_07_who_signs_up_with_an_address_first_has_no_hold_on_its_later_account(#[case] portal: &Portal) {
    let attacker = portal.browser();
    sign_up(&attacker, "ines@example.com");
    let claim = token_to(portal, "ines@example.com");
    let token = invite(portal, "ines@example.com", Role::Editor);
    let ines = portal.browser();
    assert!(ines.get(&format!("/invitations/{token}")).html().has_button("Create account and accept"));
    let fields = NEW_PERSON.map(
        |(name, value)| {
            if name == "password" { (name, "what Ines chose herself") } else { (name, value) }
        },
    );
    assert_eq!(ines.post(&format!("/invitations/{token}/sign-up"), &fields).status, 303);

    assert_eq!(attacker.post("/verify-email", &[("token", &claim)]).status, 404, "the claim is void");
    assert_eq!(sign_in(&portal.browser(), "ines@example.com", crate::accounts::CHOSEN).status, 422);
    assert_eq!(sign_in(&portal.browser(), "ines@example.com", "what Ines chose herself").status, 303);
}

/// Row 8, CVE-2026-31835 (Vaultwarden): something was stored before the check that refused it.
#[apply(on_both)]
fn lesson_08_what_is_refused_leaves_nothing_behind(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let verification = token_to(portal, NINA);
    let reset = reset_token(portal, &OLGA.email());
    let invitation = invite(portal, "ines@example.com", Role::Reader);
    let before = stored(portal);
    let browser = portal.browser();
    let short = NEW_PERSON.map(|(name, value)| if name == "password" { (name, "short") } else { (name, value) });
    for (path, fields) in [
        ("/verify-email".to_owned(), vec![("token", verification.as_str()), ("password", "a wrong guess")]),
        ("/reset-password".to_owned(), vec![("token", reset.as_str()), ("password", "short")]),
        ("/sign-in".to_owned(), vec![("email", "olga@example.com"), ("password", "a wrong guess")]),
        ("/sign-up".to_owned(), vec![("email", "noah@example.com"), ("password", NEW_PASSWORD)]),
        (format!("/invitations/{invitation}/sign-up"), short.to_vec()),
        (format!("/invitations/{invitation}/sign-up"), vec![]),
    ] {
        assert_eq!(browser.post(&path, &fields).status, 422, "{path}");
        assert_unchanged(&before, &stored(portal), &path);
    }
}

/// Row 14, CVE-2022-21684 (Discourse): one of several ways in left out a check that the others made.
#[apply(on_both)]
fn lesson_14_every_way_in_makes_the_same_kind_of_session(#[case] portal: &Portal) {
    let confirmed = portal.browser();
    sign_up(&confirmed, NINA);
    assert_eq!(confirmed.post("/verify-email", &[("token", &token_to(portal, NINA))]).status, 303);
    let invited = portal.browser();
    let token = invite(portal, "ines@example.com", Role::Reader);
    assert_eq!(invited.post(&format!("/invitations/{token}/sign-up"), &NEW_PERSON).status, 303);
    let signed_in = portal.signed_in(OLGA);
    let (app, codes) = two_factor::turn_on(portal, &portal.signed_in(Persona::Manager));
    let (by_app, by_recovery_code) = (portal.browser(), portal.browser());
    two_factor::give_password(&by_app, &Persona::Manager.email());
    assert_eq!(two_factor::enter(&by_app, &app.code(portal.app.now())).status, 303);
    assert_eq!(two_factor::with_recovery_code(&by_recovery_code, &Persona::Manager.email(), &codes[0]).status, 303);
    let all = [&confirmed, &invited, &signed_in, &by_app, &by_recovery_code];
    for browser in all {
        assert!(is_signed_in(browser));
    }
    portal.later(chrono::Duration::days(7));
    for browser in all {
        assert!(!is_signed_in(browser), "all of them end");
    }
}

/// Row 15, CVE-2019-1020018 (Discourse): opening a link was enough, so mail scanners used it up.
#[apply(on_both)]
fn lesson_15_opening_a_link_changes_nothing(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    let verification = portal.link_to(NINA);
    let reset = format!("/reset-password?token={}", reset_token(portal, &OLGA.email()));
    let invitation = format!("/invitations/{}", invite(portal, "ines@example.com", Role::Reader));
    let signed_in = portal.signed_in(Persona::Outsider);
    let before = portal.dump();
    for link in [&verification, &reset, &invitation] {
        for browser in [&portal.browser(), &signed_in] {
            assert_eq!(browser.get(link).status, 200, "{link}");
            assert_eq!(browser.send(Method::HEAD, link, &[], Vec::new()).status, 200, "{link}");
        }
    }
    // What a click would post to, a scanner may open too.
    for action in ["accept", "decline", "switch", "sign-up"] {
        let answer = portal.browser().get(&format!("{invitation}/{action}"));
        assert!(answer.status == 405 || answer.status == 404, "{action}: {}", answer.status);
    }
    assert_eq!(portal.dump(), before);
}

/// Row 16, CVE-2022-31184 (Discourse): a stranger could have any number of mails sent.
#[apply(on_both)]
fn lesson_16_a_stranger_cannot_fill_anybodys_mailbox(#[case] portal: &Portal) {
    for (path, address) in
        [("/forgot-password", OLGA.email()), ("/sign-up", Persona::Manager.email()), ("/sign-up", NINA.to_owned())]
    {
        let statuses: Vec<u16> = (0..8)
            .map(|_| {
                let browser = portal.browser();
                post(&browser, path, &sign_up_fields(&browser, &address)).status
            })
            .collect();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429], "{path}");
        assert_eq!(portal.mails_to(&address).len(), 5, "{path}");
    }
}

/// Row 24, CVE-2024-39329 and CVE-2025-13473 (Django): the time of an answer told whether an account exists.
#[apply(on_both)]
fn lesson_24_the_same_work_is_done_for_addresses_without_an_account(#[case] portal: &Portal) {
    for email in ["olga@example.com", "olaf@example.com"] {
        let checked = portal.app.passwords.checked();
        assert_eq!(sign_in(&portal.browser(), email, "not the right password").status, 422);
        assert_eq!(portal.app.passwords.checked(), checked + 1, "{email}");
    }
    // Signing up writes a mail and a sign-up for either.
    for email in ["olga@example.com", "olaf@example.com"] {
        let before = (mail_count(portal), count!(portal, sign_ups));
        sign_up(&portal.browser(), email);
        assert_eq!((mail_count(portal), count!(portal, sign_ups)), (before.0 + 1, before.1 + 1), "{email}");
    }
    let answers = ["olga@example.com", "olaf@example.com"].map(|email| {
        let (status, headers, body) = portal.browser().post("/forgot-password", &[("email", email)]).comparable();
        (status, headers, body.replace(email, "ADDRESS"))
    });
    assert_eq!(answers[0], answers[1]);
}

/// Row 14 again: there is one place where a session begins, and nothing passes it by.
#[test]
fn lesson_14_there_is_one_place_where_a_session_begins() {
    let sources = sources("src", "rs");
    for (pattern, place) in
        [("insert_into(user_sessions", "src/accounts/sessions.rs"), ("Identity::login(", "src/web/session_cookie.rs")]
    {
        let places: Vec<&str> =
            sources.iter().filter(|(_, text)| text.contains(pattern)).map(|(path, _)| path.as_str()).collect();
        assert_eq!(places, [place], "{pattern}");
    }
}
