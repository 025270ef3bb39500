//! Choosing a new password by a mailed link.

use chrono::Duration;
use diesel::prelude::*;
use portico::db::DbError;
use portico::schema::users;
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, is_signed_in, mail_count, reset_token, sign_in, sign_up, token_to};
use crate::count;
use crate::support::{Answer, Browser, PASSWORD, Persona, Portal, on_both};

fn set_password(browser: &Browser, token: &str, password: &str) -> Answer {
    browser.post("/reset-password", &[("token", token), ("password", password)])
}

fn page_works(portal: &Portal, token: &str) -> bool {
    let page = portal.browser().get(&format!("/reset-password?token={token}"));
    match page.status {
        200 => true,
        404 => {
            assert_eq!(page.html().text("h1"), "This link no longer works");
            assert!(page.html().has("a[href='/forgot-password']"), "with a way on");
            false
        }
        other => panic!("the link answers {other}"),
    }
}

#[apply(on_both)]
fn a_forgotten_password_is_replaced_through_the_mailed_link(#[case] portal: &Portal) {
    let browser = portal.browser();
    assert!(browser.get("/forgot-password").html().has_button("Send reset link"));
    let answer = browser.post("/forgot-password", &[("email", " OLGA@example.com ")]);
    assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "Check your inbox"));
    assert!(answer.text().contains("If there is an account for olga@example.com"));

    let mails = portal.mails_to("olga@example.com");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains("Olga") && mails[0].text.contains("10:30 UTC"), "{}", mails[0].text);
    assert!(mails[0].html.contains("Set a new password"));

    let page = browser.get(&portal.link_to("olga@example.com"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("olga@example.com"));
    assert!(page.html().has_button("Set new password"));

    portal.later(Duration::minutes(1));
    let answer = set_password(&browser, &page.html().value("token"), CHOSEN);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in?email=olga%40example.com"));
    assert!(browser.get("/sign-in").text().contains("Your new password is set. Sign in with it."));
    assert!(!is_signed_in(&browser), "a mailed link alone signs nobody in");
    assert_eq!(sign_in(&browser, "olga@example.com", PASSWORD).status, 422);
    assert_eq!(sign_in(&browser, "olga@example.com", CHOSEN).status, 303);

    let mails = portal.mails_to("olga@example.com");
    let notice = mails.iter().find(|mail| mail.subject.contains("password was changed")).expect("a notice");
    assert!(notice.text.contains("/forgot-password") && !notice.text.contains("token="), "{}", notice.text);
    assert!(portal.actions().contains(&"account.password.reset".to_owned()));
}

#[apply(on_both)]
fn asking_for_an_unknown_address_answers_byte_for_byte_like_a_known_one(#[case] portal: &Portal) {
    let answers = ["olga@example.com", "olaf@example.com"].map(|email| {
        let (status, headers, body) = portal.browser().post("/forgot-password", &[("email", email)]).comparable();
        assert_eq!(status, 200);
        (headers, body.replace(email, "ADDRESS"))
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(portal.mails_to("olga@example.com").len(), 1);
    assert_eq!(mail_count(portal), 1, "nobody else is written to");
}

#[apply(on_both)]
fn what_is_no_address_is_said_to_be_none(#[case] portal: &Portal) {
    for (typed, message) in [
        ("", "Enter an e-mail address."),
        ("olga", "Enter an e-mail address like name@example.com."),
        ("olga@example.com,eve@example.com", "Enter an e-mail address like name@example.com."),
        ("olga@example.com\u{2028}eve@example.com", "Enter an e-mail address like name@example.com."),
    ] {
        let answer = portal.browser().post("/forgot-password", &[("email", typed)]);
        assert_eq!((answer.status, answer.html().text("#email-error").as_str()), (422, message), "{typed:?}");
        assert_eq!(answer.html().value("email"), typed);
    }
    assert_eq!(mail_count(portal), 0);
}

#[apply(on_both)]
fn opening_the_link_changes_nothing(#[case] portal: &Portal) {
    let session = portal.signed_in(OLGA);
    let token = reset_token(portal, &OLGA.email());
    let before = portal.dump();
    for _ in 0..3 {
        assert!(page_works(portal, &token));
    }
    assert_eq!(portal.dump(), before);
    assert!(is_signed_in(&session));
}

#[apply(on_both)]
fn a_new_password_ends_every_session_and_every_other_link(#[case] portal: &Portal) {
    let sessions = [portal.signed_in(OLGA), portal.signed_in(OLGA)];
    let somebody_else = portal.signed_in(Persona::Manager);
    let first = reset_token(portal, &OLGA.email());
    let second = reset_token(portal, &OLGA.email());
    let of_somebody_else = reset_token(portal, &Persona::Manager.email());
    assert!(page_works(portal, &first) && page_works(portal, &second), "asking twice keeps the first link");

    assert_eq!(set_password(&portal.browser(), &first, CHOSEN).status, 303);
    for session in &sessions {
        assert!(!is_signed_in(session));
    }
    assert!(!page_works(portal, &first), "a link works once");
    assert_eq!(set_password(&portal.browser(), &first, "yet another password").status, 404);
    assert!(!page_works(portal, &second), "the others are void");
    assert_eq!(set_password(&portal.browser(), &second, "yet another password").status, 404);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), CHOSEN).status, 303);

    assert!(is_signed_in(&somebody_else), "nobody else is touched");
    assert!(page_works(portal, &of_somebody_else));
}

#[apply(on_both)]
fn one_link_used_several_times_at_once_counts_once(#[case] portal: &Portal) {
    let token = reset_token(portal, &OLGA.email());
    let passwords: Vec<String> = (0..6).map(|number| format!("a fine new password {number}")).collect();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let uses: Vec<_> = passwords
            .iter()
            .map(|password| {
                let (browser, token) = (portal.browser(), &token);
                scope.spawn(move || set_password(&browser, token, password).status)
            })
            .collect();
        uses.into_iter().map(|one| one.join().expect("it is answered")).collect()
    });
    only_one_won(portal, &statuses, &passwords);
}

#[apply(on_both)]
fn several_links_used_at_once_count_once(#[case] portal: &Portal) {
    for round in 0..4 {
        let tokens: Vec<String> = (0..4).map(|_| reset_token(portal, &OLGA.email())).collect();
        let passwords: Vec<String> = (0..4).map(|number| format!("new password {number} of round {round}")).collect();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let uses: Vec<_> = tokens
                .iter()
                .zip(&passwords)
                .map(|(token, password)| {
                    let browser = portal.browser();
                    scope.spawn(move || set_password(&browser, token, password).status)
                })
                .collect();
            uses.into_iter().map(|one| one.join().expect("it is answered")).collect()
        });
        only_one_won(portal, &statuses, &passwords);
        portal.later(Duration::hours(2));
    }
}

#[apply(on_both)]
fn a_link_works_for_an_hour_to_the_second(#[case] portal: &Portal) {
    let token = reset_token(portal, &OLGA.email());
    portal.later(Duration::hours(1) - Duration::seconds(1));
    assert!(page_works(portal, &token));
    portal.later(Duration::seconds(1));
    assert!(!page_works(portal, &token));
    assert_eq!(set_password(&portal.browser(), &token, CHOSEN).status, 404);
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), PASSWORD).status, 303, "nothing happened");
    portal.later(-Duration::seconds(1));
    assert_eq!(set_password(&portal.browser(), &token, CHOSEN).status, 303);
}

#[apply(on_both)]
fn a_link_is_bound_to_the_address_it_was_mailed_to(#[case] portal: &Portal) {
    let token = reset_token(portal, &OLGA.email());
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            diesel::update(users::table.filter(users::email.eq(OLGA.email())))
                .set(users::email.eq("olga@elsewhere.example"))
                .execute(tx.connection)?;
            Ok(())
        })
        .expect("the address changes");
    assert!(!page_works(portal, &token), "whoever reads the old mailbox has no say any more");
    assert_eq!(set_password(&portal.browser(), &token, CHOSEN).status, 404);
    assert_eq!(sign_in(&portal.browser(), "olga@elsewhere.example", PASSWORD).status, 303);
}

#[apply(on_both)]
fn unknown_links_have_the_answer_of_used_ones(#[case] portal: &Portal) {
    let token = reset_token(portal, &OLGA.email());
    assert_eq!(set_password(&portal.browser(), &token, CHOSEN).status, 303);
    let browser = portal.browser();
    let used = browser.get(&format!("/reset-password?token={token}")).body;
    for unknown in ["", "x", &"A".repeat(43), &token[..42], &token.to_lowercase()] {
        assert_eq!(browser.get(&format!("/reset-password?token={unknown}")).body, used);
        assert_eq!(set_password(&browser, unknown, CHOSEN).body, used);
    }
}

#[apply(on_both)]
fn a_password_that_is_refused_leaves_the_link_as_it_was(#[case] portal: &Portal) {
    let session = portal.signed_in(OLGA);
    let token = reset_token(portal, &OLGA.email());
    let before = portal.dump();
    for (password, message) in [
        ("", "Use at least 12 characters."),
        ("elevenchars", "Use at least 12 characters."),
        ("password1234", "This password is among the first that attackers try. Choose another one."),
        (
            "olga@example.com",
            "This password is little more than your name, your address or the name of this portal. Choose another one.",
        ),
        (&"0123456789abcdef".repeat(65), "Use at most 1,024 bytes."),
    ] {
        let answer = set_password(&portal.browser(), &token, password);
        assert_eq!((answer.status, answer.html().text("#password-error").as_str()), (422, message));
        assert!(answer.html().has("input[name=token]") && answer.html().value("token") == token);
        assert!(!answer.html().has("input[name=password][value]"), "a password is never sent back");
    }
    assert_eq!(portal.dump(), before);
    assert!(is_signed_in(&session));
    assert_eq!(set_password(&portal.browser(), &token, CHOSEN).status, 303);
}

#[apply(on_both)]
fn an_unconfirmed_sign_up_is_no_account_to_reset(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    assert_eq!(portal.browser().post("/forgot-password", &[("email", NINA)]).status, 200);
    assert_eq!(portal.mails_to(NINA).len(), 1, "only the verification");
    assert_eq!(count!(portal, password_resets), 0);
    assert!(portal.link_to(NINA).starts_with("/verify-email"));
    assert!(!page_works(portal, &token_to(portal, NINA)));
}

#[apply(on_both)]
fn signing_in_with_the_old_password_at_the_moment_of_the_reset_leaves_no_session(#[case] portal: &Portal) {
    for round in 0..6 {
        let (old, new) = (format!("the password of round {round}"), format!("the password of round {}", round + 1));
        if round == 0 {
            let token = reset_token(portal, &OLGA.email());
            assert_eq!(set_password(&portal.browser(), &token, &old).status, 303);
        }
        let token = reset_token(portal, &OLGA.email());
        let browsers: Vec<Browser> = (0..4).map(|_| portal.browser()).collect();
        std::thread::scope(|scope| {
            for browser in &browsers {
                let old = &old;
                scope.spawn(move || assert!([303, 422].contains(&sign_in(browser, &OLGA.email(), old).status)));
            }
            assert_eq!(set_password(&portal.browser(), &token, &new).status, 303);
        });
        for browser in &browsers {
            assert!(!is_signed_in(browser), "round {round}");
        }
        portal.later(Duration::hours(1));
    }
}

/// Of several uses at once one was accepted; its password is the one that counts, and one notice was mailed for it.
fn only_one_won(portal: &Portal, statuses: &[u16], passwords: &[String]) {
    let won: Vec<usize> = (0..statuses.len()).filter(|index| statuses[*index] == 303).collect();
    assert_eq!(won.len(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [303, 404].contains(status)), "{statuses:?}");
    assert_eq!(sign_in(&portal.browser(), &OLGA.email(), &passwords[won[0]]).status, 303);
    let resets = portal.actions().iter().filter(|action| *action == "account.password.reset").count();
    let notices = portal.mails_to(&OLGA.email()).iter().filter(|mail| mail.subject.contains("was changed")).count();
    assert_eq!(resets, notices, "a notice for each");
}
