//! The secret key: where it comes from, whether it belongs to the database, and how it is changed.

use diesel::prelude::*;
use portico::background;
use portico::installation::{self, Fit, fit};
use portico::schema::authenticator_apps as rows;
use portico::secrets::{SecretKey, SecretKeys};
use rstest::rstest;
use rstest_reuse::apply;

use crate::accounts::two_factor;
use crate::support::{
    Browser, Persona, Portal, mails, on_both,
    process::{Process, doctor, run, secret_key, serve_beside},
};

fn key(text: &str) -> SecretKey {
    SecretKey::new(text).expect("a fit key")
}

/// A second server on the database of a portal, with another key, and with that of the portal among those that open.
fn rotated(portal: &Portal, text: &str) -> Portal {
    let old = portal.app.config.secret_keys.current.clone();
    portal.second_server_with(|config| config.secret_keys = SecretKeys { current: key(text), others: vec![old] })
}

#[apply(on_both)]
fn a_browser_stays_signed_in_when_the_key_changes_and_gets_a_cookie_of_the_new_one(#[case] portal: &Portal) {
    let new = SecretKey::generate();
    let browser = portal.signed_in(Persona::Owner);
    let before = browser.cookie("portico").expect("a cookie");
    let rotated = rotated(portal, &new);
    let browser = browser.at(&rotated.url);
    let page = browser.get("/home");
    assert_eq!(page.status, 200);
    assert!(page.header("set-cookie").contains("HttpOnly") && page.header("set-cookie").contains("SameSite=Lax"));
    let after = browser.cookie("portico").expect("a cookie");
    assert_ne!(before, after);

    // The old key can go now.
    let only_new = portal.second_server_with(|config| config.secret_keys = SecretKeys::only(key(&new)));
    assert_eq!(browser.at(&only_new.url).get("/home").status, 200);
    let late: Browser = portal.browser();
    late.set_cookie("portico", &before);
    assert_eq!(late.at(&only_new.url).get("/home").status, 303, "a cookie of a key that is gone is none");
}

#[apply(on_both)]
fn a_static_file_never_carries_the_new_cookie(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Owner);
    let rotated = rotated(portal, &SecretKey::generate());
    let browser = browser.at(&rotated.url);
    let page = portal.browser().get("/sign-in").body;
    let style = page.split("\"/static/").nth(1).and_then(|rest| rest.split('"').next()).expect("a static file");
    let file = browser.get(&format!("/static/{style}"));
    assert_eq!((file.status, file.header("set-cookie")), (200, ""));
}

#[apply(on_both)]
fn a_mail_sealed_before_a_rotation_is_opened_after_it(#[case] portal: &Portal) {
    let reset = [("email", "olga@example.com")];
    assert_eq!(portal.browser().post("/forgot-password", &reset).status, 200);
    let rotated = rotated(portal, &SecretKey::generate());
    assert_eq!(mails(&rotated.app).len(), 1);
    assert_eq!(rotated.browser().post("/forgot-password", &reset).status, 200);
    assert_eq!(mails(&portal.app).len(), 1, "what is sealed with the new key alone stays closed");
}

/// Otherwise whoever did not sign in meanwhile would be shut out when the old key goes.
#[apply(on_both)]
fn what_apps_share_with_the_portal_is_sealed_anew_once_the_key_has_changed(#[case] portal: &Portal) {
    let stored = || -> Vec<Vec<u8>> {
        portal.query(|connection| rows::table.order(rows::user_id).select(rows::sealed).load(connection))
    };
    let run = |portal: &Portal| {
        background::runner(&portal.app).run_due().expect("the jobs run");
        portal.later(chrono::Duration::hours(1));
    };
    adopt(portal);
    let (app, _) = two_factor::turn_on(portal, &portal.signed_in(Persona::Owner));
    let before = stored();
    run(portal);
    assert_eq!(stored(), before, "it is sealed with the current key");
    // While processes are started again one by one, those that have not come to it yet leave it to the others.
    let new = SecretKey::generate();
    let rotated = rotated(portal, &new);
    run(&rotated);
    assert_eq!(stored(), before);
    adopt(&rotated);
    run(portal);
    assert_eq!(stored(), before);
    run(&rotated);
    assert_ne!(stored(), before);

    // The old key can go now.
    let only_new = portal.second_server_with(|config| config.secret_keys = SecretKeys::only(key(&new)));
    let browser = only_new.browser();
    two_factor::give_password(&browser, &Persona::Owner.email());
    assert_eq!(two_factor::enter(&browser, &app.code(only_new.app.now())).location(), "/home");
}

/// What no key opens keeps the others from nothing.
#[apply(on_both)]
fn an_app_of_an_unknown_key_is_left_as_it_is(#[case] portal: &Portal) {
    two_factor::turn_on(portal, &portal.signed_in(Persona::Owner));
    two_factor::turn_on(portal, &portal.signed_in(Persona::Manager));
    let unknown = || rows::table.filter(rows::key_fingerprint.eq(""));
    portal.rewrite(|connection| {
        diesel::update(rows::table).set(rows::key_fingerprint.eq("")).execute(connection)?;
        let first: String = rows::table.order(rows::user_id).select(rows::user_id).first(connection)?;
        diesel::update(rows::table.find(first)).set(rows::sealed.eq(b"of another key".to_vec())).execute(connection)
    });
    background::runner(&portal.app).run_due().expect("the jobs run");
    let left: Vec<Vec<u8>> = portal.query(|connection| unknown().select(rows::sealed).load(connection));
    assert_eq!(left, [b"of another key"]);
}

fn adopt(portal: &Portal) {
    let keys = &portal.app.config.secret_keys;
    portal.app.write_now(|tx| installation::adopt(tx, keys)).expect("the key is stored");
}

#[apply(on_both)]
fn a_process_with_a_key_that_does_not_belong_does_not_serve(#[case] portal: &Portal) {
    Process::start(serve_beside(portal)).stop();
    let mut stranger = serve_beside(portal);
    stranger.env("PORTICO_SECRET_KEY", SecretKey::generate());
    let found = doctor(&stranger);
    let line = found.output.lines().find(|line| line.contains("secret key:")).unwrap_or_default().to_owned();
    assert!(line.starts_with("FAIL") && line.contains("belongs to another secret key"), "{line}");
    let ended = run(stranger);
    assert_eq!(ended.code, Some(1));
    assert!(ended.error.contains("belongs to another secret key"), "{}", ended.error);
    // The right one is still the right one.
    Process::start(serve_beside(portal)).stop();
}

/// SQLite has one process.
#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_rotation_goes_process_by_process() {
    let portal = &Portal::on_postgresql();
    let new = SecretKey::generate();
    let with = |current: &str, previous: Option<&str>| {
        let mut command = serve_beside(portal);
        command.env("PORTICO_SECRET_KEY", current);
        previous.map(|previous| command.env("PORTICO_PREVIOUS_SECRET_KEYS", previous));
        command
    };
    let old = secret_key();
    // First all learn to open the new key, then they seal with it, one after the other.
    let one = Process::start(with(&old, Some(&new)));
    let other = Process::start(with(&new, Some(&old)));
    other.wait_for_log("the secret key has changed");
    let browser = one.signed_in(Persona::Owner);
    for process in [&one, &other] {
        assert_eq!(browser.at(&process.url).get("/home").status, 200);
        assert_eq!(process.browser().get("/readyz").body, "ready");
    }
    let back = other.signed_in(Persona::Editor);
    assert_eq!(back.at(&one.url).get("/home").status, 200);
    // Then the old key is forgotten.
    one.stop();
    let third = Process::start(with(&new, None));
    assert_eq!(third.browser().get("/readyz").body, "ready");
    let keys = SecretKeys::only(key(&old));
    let stored = portal.app.db.read(|connection| fit(connection, &keys)).expect("it is read");
    assert_eq!(stored, Fit::Foreign);
}

#[test]
fn the_key_may_stand_in_a_file() {
    let portal = Portal::on_sqlite();
    let folder = tempfile::tempdir().unwrap();
    let (current, previous) = (folder.path().join("key"), folder.path().join("previous"));
    std::fs::write(&current, format!("{}\n", SecretKey::generate())).unwrap();
    std::fs::write(&previous, format!("{}\n{}\n", SecretKey::generate(), secret_key())).unwrap();
    let mut command = serve_beside(&portal);
    command
        .env_remove("PORTICO_SECRET_KEY")
        .env("PORTICO_SECRET_KEY_FILE", &current)
        .env("PORTICO_PREVIOUS_SECRET_KEYS_FILE", &previous);
    let process = Process::start(command);
    let browser = portal.signed_in(Persona::Owner);
    assert_eq!(browser.at(&process.url).get("/home").status, 200);
    process.wait_for_log("can read the secret key");
}
