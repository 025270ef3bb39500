//! What the process logs: lines that programs can read, and no secret.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;
use serde_json::Value;

use crate::support::{
    Persona, Portal, SLUG, invite_to, on_both,
    process::{Process, secret_key, serve_beside},
    smtp::{Options, Received, SmtpServer},
};

const FIRST_PASSWORD: &str = "seven lanterns in the fog";
const SECOND_PASSWORD: &str = "another harbour altogether";
const MAIL_PASSWORD: &str = "post-office-password";

/// The first link in a mail, as a path of the portal.
fn path_in(mail: &Received) -> String {
    let start = mail.text.find("http://localhost/").unwrap_or_else(|| panic!("no link in {}", mail.text));
    let link = mail.text[start..].split_whitespace().next().unwrap_or_default();
    link.strip_prefix("http://localhost").unwrap_or_default().to_owned()
}

/// The secret at the end of a link.
fn secret_in(path: &str) -> String {
    path.rsplit(['/', '=']).next().unwrap_or_default().to_owned()
}

/// Signs up, founds an Organization, invites somebody who accepts, and resets a password. Answers every secret on the way.
fn use_everything(process: &Process, smtp: &SmtpServer) -> Vec<String> {
    let mut secrets: Vec<String> = [FIRST_PASSWORD, SECOND_PASSWORD, MAIL_PASSWORD].map(str::to_owned).to_vec();
    let newest = |count: usize| smtp.wait_for_messages(count).remove(count - 1);
    let person = |email, password| {
        [
            ("first_name", "Ada"),
            ("last_name", "Lovelace"),
            ("email", email),
            ("password", password),
            ("country", "GB"),
            ("terms", "on"),
        ]
    };

    let ada = process.browser();
    assert_eq!(ada.post("/sign-up", &person("ada@example.com", FIRST_PASSWORD)).status, 200);
    let path = path_in(&newest(1));
    secrets.push(secret_in(&path));
    assert_eq!(ada.get(&path).status, 200);
    let answer = ada.post("/verify-email", &[("token", &secret_in(&path))]);
    assert_eq!((answer.status, answer.location()), (303, "/home"), "{}", answer.text());
    secrets.extend(ada.cookie("portico"));
    let fields = [("kind", "individual"), ("name", "Analytical"), ("country", "GB")];
    let organization = ada.post("/organizations/new", &fields).location().to_owned();
    assert_eq!(invite_to(&ada, &organization, "bob@example.com", Role::Editor).status, 303);

    let path = path_in(&newest(2));
    secrets.push(secret_in(&path));
    let bob = process.browser();
    assert_eq!(bob.get(&path).status, 200);
    let answer = bob.post(&format!("{path}/sign-up"), &person("bob@example.com", FIRST_PASSWORD));
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(bob.get(&organization).status, 200);
    // The third tells the Owner of it.
    secrets.extend(bob.cookie("portico"));
    // Links that are used up, and mistyped passwords, are secrets as well.
    assert_eq!(process.browser().get(&path).status, 404);
    assert_eq!(bob.post("/sign-out", &[]).status, 303);
    let wrong = format!("{FIRST_PASSWORD} with a typo");
    assert_eq!(bob.post("/sign-in", &[("email", "bob@example.com"), ("password", &wrong)]).status, 422);

    assert_eq!(bob.post("/forgot-password", &[("email", "bob@example.com")]).status, 200);
    let path = path_in(&newest(4));
    secrets.push(secret_in(&path));
    assert_eq!(bob.get(&path).status, 200);
    let reset = [("token", secret_in(&path)), ("password", SECOND_PASSWORD.to_owned())];
    let reset = reset.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(bob.post("/reset-password", &reset).status, 303);
    newest(5);
    assert_eq!(bob.post("/sign-in", &[("email", "bob@example.com"), ("password", SECOND_PASSWORD)]).status, 303);
    secrets.extend(bob.cookie("portico"));
    secrets
}

/// A process with a mail server, which logs in this way.
fn started(portal: &Portal, smtp: &SmtpServer, filter: &str, format: &str) -> Process {
    let mut command = serve_beside(portal);
    command
        .env("PORTICO_SMTP_URL", format!("smtp://portico:{MAIL_PASSWORD}@127.0.0.1:{}", smtp.port))
        .env("PORTICO_LOG", filter)
        .env("PORTICO_LOG_FORMAT", format);
    Process::start(command)
}

fn mail_server() -> SmtpServer {
    let account = Some(format!("portico:{MAIL_PASSWORD}"));
    SmtpServer::start_with(&Options { account, ..Options::default() })
}

fn assert_silent(process: &Process, mut secrets: Vec<String>) {
    secrets.push(secret_key().trim().to_owned());
    // As a form carries them.
    secrets.extend(secrets.clone().iter().filter(|secret| secret.contains(' ')).map(|secret| secret.replace(' ', "+")));
    let said = format!("{}\n{}", process.log(), process.output());
    assert!(secrets.len() >= 10 && secrets.iter().all(|secret| secret.len() > 15), "{secrets:?}");
    for secret in secrets {
        let found = said.lines().find(|line| line.contains(&secret));
        assert!(found.is_none(), "{secret} stands in the log: {}", found.unwrap_or_default());
    }
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_log_in_json_can_be_read_line_by_line_and_holds_no_secret() {
    let smtp = mail_server();
    let portal = Portal::on_sqlite();
    let process = started(&portal, &smtp, "info", "json");
    let secrets = use_everything(&process, &smtp);
    process.signal("TERM");
    process.wait_for_log("stopping");
    assert_silent(&process, secrets);
    let mut messages = Vec::new();
    for line in process.log().lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        for key in ["timestamp", "level", "target"] {
            assert!(value[key].is_string(), "{key} in {line}");
        }
        messages.push(value);
    }
    let answered = |route: &str, status: u64| {
        let is_it = |line: &&Value| line["fields"]["route"] == route && line["fields"]["status"] == status;
        let line = messages.iter().find(is_it).unwrap_or_else(|| panic!("no {status} for {route}"));
        assert!(line["fields"]["request"].as_str().is_some_and(|id| id.starts_with("req_")), "{line}");
        assert!(line["fields"]["duration_ms"].is_number(), "{line}");
    };
    answered("/invitations/{token}", 200);
    answered("/invitations/{token}", 404);
    answered("/verify-email", 303);
    answered("/sign-in", 422);
    let delivered = messages.iter().filter(|line| line["fields"]["message"] == "mail delivered").count();
    assert!(delivered >= 3, "{delivered}");
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn even_the_most_talkative_log_holds_no_secret() {
    let smtp = mail_server();
    let portal = Portal::on_sqlite();
    let process = started(&portal, &smtp, "trace", "text");
    let secrets = use_everything(&process, &smtp);
    assert!(process.log().contains("DEBUG") && process.log().contains("TRACE"));
    assert_silent(&process, secrets);
}

#[test]
fn a_log_in_text_names_the_pattern_of_a_page_and_not_its_address() {
    let portal = Portal::on_sqlite();
    let process = Process::start(serve_beside(&portal));
    let owner = process.signed_in(Persona::Owner);
    assert_eq!(owner.get(&format!("/organizations/{SLUG}/people?search=somebody")).status, 200);
    assert_eq!(owner.get("/no/such/page?token=abc").status, 404);
    process.wait_for_log("(none)");
    let log = process.log();
    assert!(log.contains("/organizations/{slug}/people") && !log.contains("somebody"), "{log}");
    assert!(!log.contains("no/such/page") && !log.contains("token=abc"), "{log}");
    let first: Result<Value, _> = serde_json::from_str(log.lines().next().unwrap_or_default());
    assert!(first.is_err(), "{log}");
}

#[apply(on_both)]
fn a_statement_that_takes_long_is_a_line_without_its_values(#[case] portal: &Portal) {
    let mut command = serve_beside(portal);
    command.env("PORTICO_SLOW_STATEMENT", "0");
    let process = Process::start(command);
    process.signed_in(Persona::Editor);
    process.wait_for_log("INSERT INTO");
    let log = process.log();
    let slow: Vec<&str> = log.lines().filter(|line| line.contains("slow statement")).collect();
    let asked = slow.iter().find(|line| line.contains("FROM") && line.contains("users")).expect("a line about users");
    assert!(asked.contains("duration_ms=") && asked.contains("sql="), "{asked}");
    assert!(!log.contains(&Persona::Editor.email()) && !log.contains("$argon2"), "values are not logged");
    process.stop();
}
