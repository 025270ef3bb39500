//! Sessions: how they begin, how long they last, and that ending one takes effect at once and everywhere.

use chrono::Duration;
use diesel::prelude::*;
use portico::config::Config;
use portico::schema::user_sessions;

use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, reset_token, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Database, PASSWORD, Persona, Portal, on_both, on_each_database, outbox::run_due_jobs};

const COOKIE: &str = "portico";

#[apply(on_both)]
fn signing_out_ends_the_session_on_the_server_too(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let stolen = browser.copy();
    let other_device = portal.signed_in(OLGA);
    assert!(browser.get("/home").html().has_button("Sign out"));

    let answer = browser.post("/sign-out", &[]);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in?signed_out=true"));
    assert!(browser.get(answer.location()).text().contains("You are signed out."));
    assert!(!answer.header("clear-site-data").is_empty());
    assert!(browser.cookie(COOKIE).is_none(), "the cookie is taken away");
    assert!(!is_signed_in(&browser));
    assert!(stolen.cookie(COOKIE).is_some());
    for path in ["/home", "/organizations/acme", "/organizations/new"] {
        let replayed = stolen.get(path);
        assert_eq!(replayed.status, 303, "{path}");
        assert!(replayed.location().starts_with("/sign-in"), "{path}");
    }
    assert_eq!(stolen.get("/sign-in").status, 200, "it is nobody's cookie now");
    assert!(is_signed_in(&other_device), "other devices stay signed in");
    assert_eq!(count!(portal, user_sessions), 1);
}

#[apply(on_both)]
fn signing_out_by_get_does_nothing(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    assert_eq!(browser.get("/sign-out").status, 405);
    assert!(is_signed_in(&browser));
}

#[apply(on_both)]
fn signing_in_gives_a_new_cookie_and_leaves_the_old_one_worthless(#[case] portal: &Portal) {
    // A cookie that somebody else knows, from before signing in.
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let planted = browser.copy();
    let before = browser.cookie(COOKIE).expect("signing up leaves a mark");
    assert_eq!(sign_in(&browser, &OLGA.email(), PASSWORD).status, 303);
    assert_ne!(browser.cookie(COOKIE), Some(before));
    assert!(is_signed_in(&browser));
    assert!(!is_signed_in(&planted));
}

#[apply(on_both)]
fn signing_in_again_in_the_same_browser_ends_the_session_before(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let before = browser.copy();
    assert_eq!(sign_in(&browser, &OLGA.email(), PASSWORD).status, 303);
    assert!(is_signed_in(&browser));
    assert!(!is_signed_in(&before));

    let before = browser.copy();
    assert_eq!(sign_in(&browser, &Persona::Manager.email(), PASSWORD).status, 303);
    assert!(browser.get("/home").text().contains("manuel@example.com"));
    assert!(!is_signed_in(&before), "also as somebody else");
    assert_eq!(count!(portal, user_sessions), 1);

    assert_eq!(sign_in(&browser, &OLGA.email(), "not the right password").status, 422);
    assert!(is_signed_in(&browser), "an attempt that fails ends nothing");
}

#[apply(on_both)]
fn a_session_ends_after_seven_days_without_use(#[case] portal: &Portal) {
    let (used, idle) = (portal.signed_in(OLGA), portal.signed_in(OLGA));
    portal.later(Duration::days(7) - Duration::seconds(1));
    assert!(is_signed_in(&used));
    portal.later(Duration::seconds(1));
    assert!(!is_signed_in(&idle));
    portal.later(Duration::days(7) - Duration::seconds(2));
    assert!(is_signed_in(&used), "use is what counts");
    portal.later(Duration::days(7));
    assert!(!is_signed_in(&used));
}

#[apply(on_both)]
fn a_session_ends_after_thirty_days_however_much_it_is_used(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    for day in 1..30 {
        portal.later(Duration::days(1));
        assert!(is_signed_in(&browser), "day {day}");
    }
    portal.later(Duration::days(1) - Duration::seconds(1));
    assert!(is_signed_in(&browser));
    portal.later(Duration::seconds(1));
    assert!(!is_signed_in(&browser));
    run_due_jobs(portal);
    assert_eq!(count!(portal, user_sessions), 0);
}

#[apply(on_both)]
fn cleaning_up_removes_what_ran_out_and_nothing_else(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    sign_up(&portal.browser(), NINA);
    reset_token(portal, &OLGA.email());
    let kept = || {
        let links = (count!(portal, sign_ups), count!(portal, password_resets));
        (count!(portal, user_sessions), links, count!(portal, rate_limits), count!(portal, outbox))
    };
    let before = kept();
    assert!(before.2 > 0 && before.3 > 0, "{before:?}");
    run_due_jobs(portal);
    assert_eq!(kept(), before);

    portal.later(Duration::days(2) + Duration::seconds(1));
    run_due_jobs(portal);
    assert_eq!((count!(portal, sign_ups), count!(portal, password_resets), count!(portal, rate_limits)), (0, 0, 0));
    assert!(is_signed_in(&browser));
}

#[apply(on_both)]
fn two_servers_on_one_database_share_sessions_and_their_end(#[case] portal: &Portal) {
    let second = portal.second_server();
    let browser = portal.signed_in(OLGA);
    let there = browser.at(&second.url);
    assert!(is_signed_in(&there), "signed in on one, used on the other");
    assert_eq!(there.get("/organizations/acme/people").status, 200);
    assert_eq!(browser.copy().post("/sign-out", &[]).status, 303);
    assert!(!is_signed_in(&there), "signed out on one, refused on the other at once");

    let there = second.signed_in(Persona::Editor);
    let here = there.at(&portal.url);
    assert!(is_signed_in(&here));
    let token = reset_token(portal, &Persona::Editor.email());
    assert_eq!(portal.browser().post("/reset-password", &[("token", &token), ("password", CHOSEN)]).status, 303);
    assert!(!is_signed_in(&there) && !is_signed_in(&here));
}

#[apply(on_both)]
fn a_link_mailed_by_one_server_works_on_the_other(#[case] portal: &Portal) {
    let second = portal.second_server();
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let there = browser.at(&second.url);
    assert_eq!(there.post("/verify-email", &[("token", &token_to(portal, NINA))]).status, 303, "the same browser, too");
    assert!(is_signed_in(&there));
}

#[apply(on_both)]
fn a_cookie_that_was_tampered_with_is_nobodys(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    let cookie = browser.cookie(COOKIE).expect("there is one");
    let middle = cookie.len() / 2;
    let changed = if &cookie[middle..=middle] == "A" { "B" } else { "A" };
    for forged in [
        format!("{}{changed}{}", &cookie[..middle], &cookie[middle + 1..]),
        cookie[..cookie.len() - 4].to_owned(),
        "x".to_owned(),
        "{\"actix_identity.user_id\":\"\\\"usr_1\\\"\"}".to_owned(),
    ] {
        browser.set_cookie(COOKIE, &forged);
        assert!(!is_signed_in(&browser), "{forged}");
    }
    browser.set_cookie(COOKIE, &cookie);
    assert!(is_signed_in(&browser));
}

#[apply(on_both)]
fn signed_in_pages_are_not_kept_by_the_browser(#[case] portal: &Portal) {
    let browser = portal.signed_in(OLGA);
    for path in ["/home", "/organizations/acme", "/organizations/acme/people"] {
        assert_eq!(browser.get(path).header("cache-control"), "no-store", "{path}");
    }
}

#[apply(on_both)]
fn a_cookie_without_tls_is_for_this_site_and_not_for_scripts(#[case] portal: &Portal) {
    let answer = sign_in(&portal.browser(), &OLGA.email(), PASSWORD);
    let cookie = answer.set_cookie("portico");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain="), "{cookie}");
}

#[apply(on_each_database)]
fn with_tls_the_cookie_is_bound_to_this_very_host(#[case] database: Database) {
    let portal =
        &database.portal_with(|config: &mut Config| config.public_url = "https://portal.example.com".to_owned());
    let answer = sign_in(&portal.browser(), &OLGA.email(), PASSWORD);
    assert_eq!(answer.status, 303);
    let cookie = answer.set_cookie("__Host-portico");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} in {cookie}");
    }
    assert!(!cookie.contains("Domain="), "{cookie}");
    assert!(answer.header("strict-transport-security").starts_with("max-age=31536000"));
}

/// Runs `body` while another transaction of the same database has written and is still open.
fn while_somebody_writes(other: &Portal, body: impl FnOnce()) {
    let (is_open, opened) = std::sync::mpsc::channel();
    let (finish, finished) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            other.app.write_now::<_, portico::db::DbError>(|tx| {
                diesel::update(user_sessions::table)
                    .set(user_sessions::user_agent.eq("changed meanwhile"))
                    .execute(tx.connection)?;
                is_open.send(()).expect("the test waits");
                let _ = finished.recv();
                Ok(())
            })
        });
        opened.recv().expect("the transaction is open");
        body();
        drop(finish);
    });
}

fn last_seen(portal: &Portal) -> Vec<Timestamp> {
    portal.query(|connection| user_sessions::table.select(user_sessions::last_seen_at).load(connection))
}

#[apply(on_both)]
fn a_page_is_shown_where_last_seen_cannot_be_noted(#[case] portal: &Portal) {
    let olga = portal.signed_in(OLGA);
    portal.later(Duration::minutes(10));
    let before = last_seen(portal);
    // Once by this process, and once by another one that shares the database.
    for other in [None, Some(portal.second_server())] {
        while_somebody_writes(other.as_ref().unwrap_or(portal), || {
            assert_eq!(olga.get("/home").status, 200);
            assert_eq!(portal.browser().get("/verify-email?token=nothing").status, 404, "nor does this page wait");
        });
        assert_eq!(last_seen(portal), before);
    }
    assert_eq!(olga.get("/home").status, 200);
    assert!(last_seen(portal) > before, "it is noted as soon as that is possible");
}
