//! What the database and the log never hold in clear: passwords, and the secrets of links and cookies.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use portico::access::Role;
use portico::db::DatabaseUrl;
use portico::secrets::{SecretKey, SecretKeys};
use rstest::rstest;
use rstest_reuse::apply;

use super::{CHOSEN, NINA, OLGA, mail_count, reset_token, sign_in, sign_up, token_to};
use crate::support::state::state;
use crate::support::{Browser, PASSWORD, Portal, invite, invite_to, mails, on_both, outbox};

/// Everything on disk or in tables, as bytes.
fn stored(portal: &Portal) -> Vec<u8> {
    let mut stored = portal.dump().into_bytes();
    if let DatabaseUrl::Sqlite(path) = portal.app.db.url() {
        for suffix in ["", "-wal"] {
            let file = format!("{}{suffix}", path.display());
            stored.extend(std::fs::read(file).unwrap_or_default());
        }
    }
    stored
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

/// The text as PostgreSQL and SQLite write bytes.
fn hexadecimal(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Kills the server when the test ends, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[apply(on_both)]
fn the_database_holds_no_secret_in_clear(#[case] portal: &Portal) {
    let browser = portal.browser();
    sign_up(&browser, NINA);
    let verification = token_to(portal, NINA);
    let reset = reset_token(portal, &OLGA.email());
    let owner = portal.signed_in(OLGA);
    assert_eq!(invite(&owner, "ines@example.com", Role::Reader).status, 303);
    let invitation = portal.link_to("ines@example.com").replace("/invitations/", "");
    assert_eq!(invitation.len(), 43);
    assert_eq!(mail_count(portal), 3);

    let stored = stored(portal);
    assert!(contains(&stored, NINA), "this is the database");
    for secret in [&verification, &reset, &invitation, PASSWORD, CHOSEN] {
        assert!(!contains(&stored, secret), "{secret}");
        assert!(!contains(&stored.to_ascii_lowercase(), &hexadecimal(secret)), "{secret} in hexadecimal");
    }
    assert!(!contains(&stored, "Set a new password"), "mails wait sealed");
    assert!(contains(&stored, "$argon2id$v=19$"), "passwords are there as hashes");
}

#[apply(on_both)]
fn two_people_with_one_password_have_different_hashes(#[case] portal: &Portal) {
    for email in [NINA, "noah@example.com"] {
        sign_up(&portal.browser(), email);
    }
    let of_sign_ups = state(portal)["sign_ups"].concat();
    let mut hashes: Vec<&str> = of_sign_ups.split("$argon2id$").skip(1).map(|rest| &rest[..80]).collect();
    hashes.dedup();
    assert_eq!(hashes.len(), 2);
}

#[apply(on_both)]
fn mails_opened_with_another_key_stay_closed(#[case] portal: &Portal) {
    sign_up(&portal.browser(), NINA);
    assert_eq!(mails(&portal.app).len(), 1);
    let other = SecretKey::new(&SecretKey::generate()).expect("a fit key");
    let mut stranger = portal.app.config.clone();
    stranger.secret_keys = SecretKeys::only(other);
    let db = portico::db::Db::connect(portal.app.db.url(), 1).expect("the database answers");
    let stranger = portico::app::App::new(stranger, db, portal.app.context.clock.clone(), portal.app.backend.clone());
    assert_eq!(mails(&stranger).len(), 0);

    // A process with the wrong key on the same outbox: the mail is left for one with the right one.
    assert_eq!(outbox::deliver(&stranger), 1);
    let left = outbox::to(&portal.app, NINA);
    assert_eq!((left.delivered_at, left.attempts, left.trouble()), (None, Some(0), "sealed with another secret key"));
    portal.later(chrono::Duration::seconds(5));
    assert_eq!(outbox::deliver(&portal.app), 1);
    assert!(outbox::to(&portal.app, NINA).delivered_at.is_some());
}

/// The whole program with its most talkative log, on SQLite as the demo runs.
#[test]
fn the_log_holds_no_secret_even_at_its_most_talkative() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_portico"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .env("PORTICO_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (mut output, mut log) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let mut server = Server(child);
    let reading = std::thread::spawn(move || {
        let mut text = Vec::new();
        log.read_to_end(&mut text).map(|_| text)
    });
    let (tell, told) = mpsc::channel();
    let printing = std::thread::spawn(move || {
        for line in BufReader::new(&mut output).lines().map_while(Result::ok) {
            if let Some(url) = line.strip_prefix("Portico demo: ") {
                let _ = tell.send(url.to_owned());
            }
        }
    });
    let url = told.recv_timeout(std::time::Duration::from_secs(60)).expect("the demo says where it is");

    let browser = Browser::new(&url);
    sign_up(&browser, NINA);
    let verification = newest_secret(&browser, "/verify-email?token=");
    assert_eq!(browser.get(&format!("/verify-email?token={verification}")).status, 200);
    assert_eq!(browser.post("/verify-email", &[("token", &verification)]).status, 303);
    assert_eq!(browser.post("/forgot-password", &[("email", NINA)]).status, 200);
    let reset = newest_secret(&browser, "/reset-password?token=");
    assert_eq!(browser.get(&format!("/reset-password?token={reset}")).status, 200);
    let new_password = "a second sentence of mine";
    assert_eq!(browser.post("/reset-password", &[("token", &reset), ("password", new_password)]).status, 303);
    assert_eq!(sign_in(&browser, NINA, "a wrong sentence of mine").status, 422);
    assert_eq!(sign_in(&browser, NINA, new_password).status, 303);
    let cookie = browser.cookie("portico").expect("signed in");
    let owner = Browser::new(&url);
    assert_eq!(sign_in(&owner, "owner@example.com", portico::demo_accounts::DEMO_PASSWORD).status, 303);
    assert_eq!(invite_to(&owner, "/organizations/aerial-survey-group", NINA, Role::Reader).status, 303);
    let invitation = newest_secret(&browser, "/invitations/");
    assert_eq!(browser.get(&format!("/invitations/{invitation}")).status, 200);
    assert_eq!(browser.post(&format!("/invitations/{invitation}/accept"), &[]).status, 303);

    // The log is written by a thread of its own: killed, the program would take the last lines along.
    let terminate = format!("kill -TERM {}", server.0.id());
    assert!(Command::new("sh").args(["-c", &terminate]).status().expect("a shell").success());
    assert!(server.0.wait().expect("the program ends").success());
    printing.join().expect("the output ends");
    let log = reading.join().expect("the log ends").expect("the log is read");
    assert!(contains(&log, "/invitations/{token}/accept"), "requests are logged by the pattern of their route");
    for secret in [&verification, &reset, &invitation, CHOSEN, new_password, "a wrong sentence of mine", &cookie] {
        assert!(!contains(&log, secret), "{secret} is in the log");
    }
    // What a form carries is encoded.
    assert!(!contains(&log, "a+wrong+sentence") && !contains(&log, "seven+lanterns"));
}

/// The secret behind `path` in the newest mail of the demo's mailbox.
fn newest_secret(browser: &Browser, path: &str) -> String {
    let list = browser.get("/dev/mailbox");
    for message in list.html().attributes("main a[href^='/dev/mailbox/']", "href") {
        let text = browser.get(&message).text();
        if let Some((_, rest)) = text.split_once(path) {
            let is_of_secret = |character: &char| character.is_ascii_alphanumeric() || "-_".contains(*character);
            return rest.chars().take_while(is_of_secret).collect();
        }
    }
    panic!("no mail has a link to {path}");
}
