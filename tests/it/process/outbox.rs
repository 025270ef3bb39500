//! The commands for operators about mails and jobs.

use std::process::Command;

use portico::mail::Undeliverable;
use rstest::rstest;
use rstest_reuse::apply;

use crate::process::invite;
use crate::support::{
    Persona, Portal, on_both, outbox,
    process::{Ended, Process, portico, run, serve_beside},
    smtp::SmtpServer,
};

/// A command with the settings of a server beside the portal.
fn command(portal: &Portal, smtp_url: &str, arguments: &[&str]) -> Ended {
    let serve = serve_beside(portal);
    let settings: Vec<_> = serve.get_envs().filter_map(|(name, value)| Some((name, value?))).collect();
    let mut command: Command = portico(arguments);
    command.envs(settings).env("PORTICO_SMTP_URL", smtp_url);
    run(command)
}

/// The word of a line that is the id of a mail.
fn id_in(line: &str) -> &str {
    line.split_whitespace().find(|word| word.starts_with("mail_")).expect("an id")
}

#[apply(on_both)]
fn an_operator_sees_mails_that_wait_tries_them_again_and_drops_them(#[case] portal: &Portal) {
    const NOWHERE: &str = "smtp://127.0.0.1:1";
    portal.keep_real_time();
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, &["ada@example.com", "bob@example.com"]);

    let tried = command(portal, NOWHERE, &["jobs", "run-once"]);
    assert_eq!(tried.code, Some(1), "what failed is told: {tried:?}");
    let line = |start: &str| tried.output.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned();
    assert!(line("FAIL  mail.deliver").contains("2 of 2 failed: "), "{tried:?}");
    assert_eq!(line("ok    credits.expire"), "ok    credits.expire");
    assert!(tried.error.contains("2 of the jobs failed. They wait for their next try"), "{tried:?}");
    let listed = command(portal, NOWHERE, &["outbox", "list"]);
    assert_eq!(listed.code, Some(0), "{listed:?}");
    let lines: Vec<&str> = listed.output.lines().collect();
    let [ada, bob, summary] = lines.as_slice() else { panic!("{listed:?}") };
    assert!(ada.starts_with("waits  mail_") && ada.contains("ada@example.com") && ada.contains("tries 1"), "{ada}");
    assert!(ada.contains("refused"), "the reason is there: {ada}");
    assert_eq!(*summary, "2 wait, 0 were given up in the last month.");
    assert!(!listed.output.contains("/invitations/"), "no content");

    let dropped = command(portal, NOWHERE, &["outbox", "drop", id_in(bob)]);
    assert_eq!((dropped.code, dropped.output), (Some(0), format!("{} is dropped.", id_in(bob))));
    let mail = outbox::to(&portal.app, "bob@example.com");
    assert_eq!((mail.failed_as, mail.due_at, mail.sealed.len()), (Some(Undeliverable::Dropped), None, 0));
    let again = command(portal, NOWHERE, &["outbox", "drop", id_in(bob)]);
    assert_eq!(again.code, Some(1));
    assert!(again.output.contains("does not wait"), "{again:?}");

    let smtp = SmtpServer::start();
    let early = command(portal, &smtp.url(), &["jobs", "run-once"]);
    assert_eq!((early.code, smtp.count("message")), (Some(0), 0), "not before its time");
    let hurried = command(portal, NOWHERE, &["outbox", "retry"]);
    assert_eq!(hurried.output, "1 mails that failed are tried again now.");
    assert_eq!(command(portal, &smtp.url(), &["jobs", "run-once"]).code, Some(0));
    assert_eq!(smtp.wait_for_messages(1)[0].recipients, ["ada@example.com"]);
    let listed = command(portal, NOWHERE, &["outbox", "list"]).output;
    assert!(listed.contains("failed mail_") && listed.contains("0 wait, 1 were given up"), "{listed}");
}

#[test]
fn mails_to_drop_must_be_named() {
    let portal = Portal::on_sqlite();
    let ended = command(&portal, "smtp://127.0.0.1:1", &["outbox", "drop"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.error.contains("name the mails to drop"), "{ended:?}");
    let ended = command(&portal, "smtp://127.0.0.1:1", &["outbox", "retry", "org_1"]);
    assert!(ended.error.contains("not the id of a mail"), "{ended:?}");
}

/// A server that has a message and answers late has it: sending it again would send a copy.
#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn a_server_that_takes_its_time_gets_no_copies() {
    let portal = Portal::on_sqlite();
    let mut smtp = SmtpServer::start();
    let mut serve = serve_beside(&portal);
    serve.env("PORTICO_SMTP_URL", smtp.url());
    let process = Process::start(serve);
    smtp.hold();
    invite(&process.signed_in_again(&portal, Persona::Owner), &["ada@example.com"]);
    smtp.wait_for_messages(1);
    // Somebody who waits is served by the lane that is kept for them, whatever holds up the others.
    process.browser().post("/forgot-password", &[("email", &Persona::Member.email())]);
    smtp.wait_for_messages(2);
    smtp.accept();
    smtp.wait_for("answered", 2);
    process.stop();
    assert_eq!(smtp.count("message"), 2);
    assert!(outbox::all(&portal.app).iter().all(|mail| mail.delivered_at.is_some()));
}
