//! `portico user`: what it says, and what a running portal makes of it.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::{is_signed_in, passkeys, sign_in, two_factor};
use crate::support::{
    PASSWORD, Persona, Portal, on_both,
    process::{Ended, portico, run, serve_beside},
};

fn user(portal: &Portal, act: &str, email: &str) -> Ended {
    let mut command = portico(["user", act, email]);
    command.env("PORTICO_DATABASE_URL", portal.app.db.url().to_string()).env("USER", "ada");
    // What is told by mail is sealed with the key of the portal.
    if act == "reset-two-factor" {
        command.envs(serve_beside(portal).get_envs().filter_map(|(key, value)| Some((key, value?))));
    }
    run(command)
}

fn said(ended: &Ended) -> (Option<i32>, &str, &str) {
    (ended.code, &ended.output, &ended.error)
}

#[apply(on_both)]
fn an_operator_ends_sessions_suspends_and_lets_in_again(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let recorded = portal.recorded(|| {
        let ended = user(portal, "end-sessions", " Milo@Example.com");
        assert_eq!(said(&ended), (Some(0), "milo@example.com: 1 session was ended.", ""));
    });
    assert_eq!((recorded.len(), recorded[0].actor_name.as_str()), (1, "Operator (ada)"));
    assert!(!is_signed_in(&browser));
    let ended = user(portal, "suspend", "milo@example.com");
    assert_eq!(said(&ended), (Some(0), "milo@example.com is suspended. No session was open.", ""));
    assert_eq!(sign_in(&browser, "milo@example.com", PASSWORD).status, 403);
    let ended = user(portal, "resume", "milo@example.com");
    assert_eq!(said(&ended), (Some(0), "milo@example.com can sign in again.", ""));
    assert_eq!(sign_in(&browser, "milo@example.com", PASSWORD).status, 303);
    for (act, sentence) in [("resume", "was not suspended. Nothing was changed."), ("suspend", "is suspended.")] {
        assert!(user(portal, act, "milo@example.com").output.contains(sentence));
    }
}

#[apply(on_both)]
fn an_operator_lets_somebody_try_again_after_too_many_wrong_passwords(#[case] portal: &Portal) {
    let (stranger, known) = (portal.browser(), portal.signed_in(Persona::Member));
    assert_eq!(known.post("/sign-out", &[]).status, 303);
    for browser in [&stranger, &known] {
        for _ in 0..10 {
            assert_eq!(sign_in(browser, "milo@example.com", "not the right one").status, 422);
        }
        assert_eq!(sign_in(browser, "milo@example.com", PASSWORD).status, 429);
    }
    assert_eq!(sign_in(&portal.browser(), "rita@example.com", "not the right one").status, 422);
    let somebody_else = portal.dump();
    let counter = |dump: &str| dump.lines().filter(|line| line.contains("sign-in-account:")).count();
    let recorded = portal.recorded(|| {
        let ended = user(portal, "unlock", " Milo@Example.com");
        assert_eq!(said(&ended), (Some(0), "milo@example.com can try to sign in again at once.", ""));
    });
    assert_eq!((recorded.len(), recorded[0].actor_name.as_str()), (1, "Operator (ada)"));
    assert_eq!((counter(&somebody_else), counter(&portal.dump())), (2, 1), "those of others stay");
    for browser in [&stranger, &known] {
        assert_eq!(sign_in(browser, "milo@example.com", PASSWORD).status, 303);
    }
}

#[apply(on_both)]
fn an_operator_resets_the_second_factor_of_somebody_who_lost_it(#[case] portal: &Portal) {
    portal.keep_real_time();
    let browser = portal.signed_in(Persona::Member);
    two_factor::turn_on(portal, &browser);
    let recorded = portal.recorded(|| {
        let ended = user(portal, "reset-two-factor", " Milo@Example.com");
        let sentence = "milo@example.com signs in with the password alone now, and was told by mail.";
        assert_eq!(said(&ended), (Some(0), sentence, ""));
    });
    assert_eq!((recorded.len(), recorded[0].actor_name.as_str()), (1, "Operator (ada)"));
    assert_eq!(sign_in(&portal.browser(), "milo@example.com", PASSWORD).location(), "/home");
    let mails = portal.mails_to("milo@example.com");
    assert!(
        mails.iter().any(|mail| mail.text.replace('\n', " ").contains("people who run this portal turned")),
        "{mails:?}"
    );
    assert!(mails.iter().all(|mail| !mail.text.contains("and removed your")), "there was none");
    let again = user(portal, "reset-two-factor", "milo@example.com");
    assert!(
        again.output.contains("had neither two-factor authentication nor passkeys. Nothing was changed."),
        "{again:?}"
    );
}

#[apply(on_both)]
fn an_operator_removes_the_passkeys_of_somebody_who_lost_everything(#[case] portal: &Portal) {
    portal.keep_real_time();
    let browser = portal.signed_in(Persona::Member);
    for name in ["Phone", "Key"] {
        passkeys::add(portal, &browser, name);
    }
    let recorded = portal.recorded(|| {
        let ended = user(portal, "reset-two-factor", "milo@example.com");
        let sentence = "signs in with the password alone now, and was told by mail. 2 passkeys were removed.";
        assert_eq!(said(&ended), (Some(0), &*format!("milo@example.com {sentence}"), ""));
    });
    assert_eq!(recorded.len(), 1);
    let events = browser.get("/account/security/events").text();
    assert!(events.contains("turned two-factor authentication off for Milo"), "{events}");
    assert!(events.contains("and removed passkeys: 2"), "{events}");
    assert!(browser.get("/account/security/passkeys").text().contains("No passkey yet"));
    let mail = portal.mails_to("milo@example.com").pop().expect("a mail");
    assert!(mail.text.replace('\n', " ").contains("and removed your 2 passkeys."), "{}", mail.text);
}

#[apply(on_both)]
fn what_cannot_be_done_is_said_in_a_sentence(#[case] portal: &Portal) {
    for act in ["end-sessions", "suspend", "resume", "unlock", "reset-two-factor"] {
        let ended = user(portal, act, "nobody@example.com");
        assert_eq!(said(&ended), (Some(1), "", "portico: no account has the address nobody@example.com"), "{act}");
    }
    portal.add_person("second@example.com", Role::Owner);
    let ended = user(portal, "suspend", "otto@example.com");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.error.contains("otto@example.com is the only active Owner of Elsewhere"), "{ended:?}");
    assert_eq!(user(portal, "suspend", "olga@example.com").code, Some(0), "there is another Owner");
}

#[test]
fn a_database_that_is_not_there_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = portico(["user", "suspend", "milo@example.com"]);
    command.current_dir(folder.path());
    let ended = run(command);
    assert_eq!(said(&ended), (Some(1), "", "portico: there is no database sqlite://portico.db"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_variable_that_cannot_be_read_is_named() {
    let mut command = portico(["user", "suspend", "milo@example.com"]);
    command.env("PORTICO_DATABASE_TLS", "perhaps");
    let ended = run(command);
    assert_ne!(ended.code, Some(0));
    assert!(ended.error.contains("PORTICO_DATABASE_TLS"), "{}", ended.error);
}
