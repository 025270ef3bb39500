//! Whoever guesses passwords locks nobody out of a browser that the holder has signed in with before.

use chrono::Duration;
use ipnet::IpNet;
use portico::config::Config;
use portico::db::DbError;
use portico::rates::Limit;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{CHOSEN, OLGA, is_signed_in, reset_token, sign_in};
use crate::support::{Answer, Browser, Database, PASSWORD, Persona, Portal, on_both, on_each_database};

const WRONG: &str = "not the right password";
const KNOWN: &str = "portico-known";

/// A browser that Olga has signed in with and out again.
fn olgas(portal: &Portal) -> Browser {
    let browser = portal.signed_in(OLGA);
    assert_eq!(browser.post("/sign-out", &[]).status, 303);
    assert!(browser.cookie(KNOWN).is_some(), "the browser stays known");
    browser
}

fn behind_a_proxy(database: Database) -> Portal {
    database.portal_with(|config: &mut Config| {
        config.trusted_proxies = vec!["127.0.0.0/8".parse::<IpNet>().expect("a network")];
    })
}

fn sign_in_from(portal: &Portal, ip: &str, email: &str, password: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
        ("X-Forwarded-For", ip),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", email), ("password", password)])
        .finish();
    portal.browser().send(Method::POST, "/sign-in", &headers, body.into_bytes())
}

#[apply(on_both)]
fn the_holder_signs_in_where_they_did_before_whatever_strangers_guess(#[case] portal: &Portal) {
    let (known, email) = (olgas(portal), OLGA.email());
    for _ in 0..10 {
        assert_eq!(sign_in(&portal.browser(), &email, WRONG).status, 422);
    }
    assert_eq!(sign_in(&portal.browser(), &email, PASSWORD).status, 429);
    // It has ten tries of its own, and those of others say nothing about them.
    for _ in 0..9 {
        assert_eq!(sign_in(&known, &email, WRONG).status, 422);
    }
    assert_eq!(sign_in(&known, &email, PASSWORD).status, 303);
    assert!(is_signed_in(&known));
    assert_eq!(sign_in(&portal.browser(), &email, PASSWORD).status, 429, "nothing changed for strangers");
    assert_eq!(sign_in(&known.copy(), &email, WRONG).status, 422);
    for password in [WRONG, PASSWORD] {
        assert_eq!(sign_in(&known.copy(), &email, password).status, 429, "the own budget has an end, too");
    }
    portal.later(Duration::minutes(15));
    assert_eq!(sign_in(&known, &email, PASSWORD).status, 303);
}

#[apply(on_both)]
fn a_browser_of_somebody_else_and_a_made_up_cookie_help_nobody(#[case] portal: &Portal) {
    let (other, email) = (portal.signed_in(Persona::Manager), OLGA.email());
    for _ in 0..10 {
        sign_in(&portal.browser(), &email, WRONG);
    }
    let made_up = portal.browser();
    made_up.set_cookie(KNOWN, &"A".repeat(80));
    let changed = portal.browser();
    changed.set_cookie(KNOWN, &other.cookie(KNOWN).expect("it is known").replacen(['a', 'b', 'c'], "d", 3));
    for browser in [other, made_up, changed] {
        assert_eq!(sign_in(&browser, &email, PASSWORD).status, 429);
    }
}

#[apply(on_both)]
fn a_browser_is_known_of_everybody_who_signed_in_with_it(#[case] portal: &Portal) {
    let shared = olgas(portal);
    assert_eq!(sign_in(&shared, &Persona::Manager.email(), PASSWORD).status, 303);
    for persona in [OLGA, Persona::Manager] {
        for _ in 0..10 {
            sign_in(&portal.browser(), &persona.email(), WRONG);
        }
        assert_eq!(sign_in(&shared.copy(), &persona.email(), PASSWORD).status, 303, "{persona:?}");
    }
}

#[apply(on_both)]
fn a_stranger_keeps_no_holder_from_a_reset(#[case] portal: &Portal) {
    let (known, email) = (olgas(portal), OLGA.email());
    let ask = |browser: &Browser| browser.post("/forgot-password", &[("email", &email)]).status;
    for _ in 0..5 {
        assert_eq!(ask(&portal.browser()), 200);
    }
    assert_eq!(ask(&portal.browser()), 429);
    for _ in 0..5 {
        assert_eq!(ask(&known), 200);
    }
    assert_eq!(ask(&known), 429);
    assert_eq!(portal.mails_to(&email).len(), 10);
    // Without an account a known browser is like any other.
    let nobody = |browser: &Browser| browser.post("/forgot-password", &[("email", "nobody@example.com")]).status;
    for _ in 0..5 {
        assert_eq!(nobody(&known), 200);
    }
    assert_eq!((nobody(&known), nobody(&portal.browser())), (429, 429));
}

#[apply(on_each_database)]
fn guesses_are_counted_for_the_network_first_and_for_the_account_in_all(#[case] database: Database) {
    let (portal, email) = (&behind_a_proxy(database), OLGA.email());
    for network in 1..=5 {
        let ip = format!("198.51.100.{network}");
        for _ in 0..10 {
            assert_eq!(sign_in_from(portal, &ip, &email, WRONG).status, 422);
        }
        assert_eq!(sign_in_from(portal, &ip, &email, PASSWORD).status, 429);
        if network < 5 {
            assert_eq!(
                sign_in_from(portal, "203.0.113.9", &email, PASSWORD).status,
                303,
                "elsewhere there are tries left"
            );
        }
    }
    let all = sign_in_from(portal, "203.0.113.9", &email, PASSWORD);
    assert_eq!((all.status, all.header("retry-after")), (429, "3600"));
    assert_eq!(sign_in_from(portal, "203.0.113.9", &Persona::Manager.email(), PASSWORD).status, 303);
}

#[apply(on_each_database)]
fn a_sign_in_of_the_holder_cannot_be_seen_by_who_guesses(#[case] database: Database) {
    let (portal, email) = (&behind_a_proxy(database), OLGA.email());
    let guess = || sign_in_from(portal, "198.51.100.7", &email, WRONG).status;
    // Ten guesses in all, although the holder comes in between, from elsewhere and from the same network.
    for came_from in ["203.0.113.9", "198.51.100.7"] {
        for _ in 0..5 {
            assert_eq!(guess(), 422);
        }
        let holder = sign_in_from(portal, came_from, &email, PASSWORD).status;
        assert!(holder == 303 || came_from == "198.51.100.7", "{holder}");
    }
    assert_eq!(guess(), 429);
}

#[apply(on_both)]
fn the_holder_is_told_once_a_day_and_nobody_else_is(#[case] portal: &Portal) {
    let guess = |email: &str| {
        for _ in 0..11 {
            sign_in(&portal.browser(), email, WRONG);
        }
    };
    let told =
        || portal.mails_to(&OLGA.email()).iter().filter(|mail| mail.subject.contains("tries to sign in")).count();
    guess(&OLGA.email());
    assert_eq!(told(), 1);
    portal.later(Duration::minutes(16));
    guess(&OLGA.email());
    assert_eq!(told(), 1);
    portal.later(Duration::days(1));
    guess(&OLGA.email());
    assert_eq!(told(), 2);
    guess("nobody@example.com");
    assert!(portal.mails_to("nobody@example.com").is_empty());
}

#[apply(on_both)]
fn the_tenth_try_may_be_right_and_is_no_guess(#[case] portal: &Portal) {
    for _ in 0..9 {
        sign_in(&portal.browser(), &OLGA.email(), WRONG);
    }
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303);
    assert!(portal.mails_to(&OLGA.email()).is_empty());
}

/// Hashing for a link is limited like hashing for an address.
#[apply(on_both)]
fn behind_one_link_only_so_many_passwords_are_hashed(#[case] portal: &Portal) {
    let token = reset_token(portal, &OLGA.email());
    let who = portico::secrets::Secret::presented(&token).hash();
    portal.app.write_now::<_, DbError>(|tx| tx.take_up_to(Limit::LinkPasswords, &who, 10)).unwrap();
    let before = portal.app.passwords.checked();
    let answer = portal.browser().post("/reset-password", &[("token", &token), ("password", CHOSEN)]);
    assert_eq!((answer.status, portal.app.passwords.checked()), (429, before));
    portal.later(Duration::minutes(59));
    assert_eq!(portal.browser().post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 429);
}
