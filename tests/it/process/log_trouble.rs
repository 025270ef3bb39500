//! A log that cannot be written costs lines of the log, and nothing else.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::support::process::{Process, serve_beside};
use crate::support::smtp::SmtpServer;
use crate::support::{Persona, Portal};

use super::invite;

/// More lines than a pipe holds, and than are kept for a reader that is slow.
const REQUESTS: usize = 2_000;

/// Uses a portal whose log goes there: its answers come, its changes are stored, its mails arrive, and it stops.
fn serves_with_its_log_at(log: impl Into<Stdio>) {
    let (smtp, portal) = (SmtpServer::start(), Portal::on_sqlite());
    let mut command: Command = serve_beside(&portal);
    command.env("PORTICO_SMTP_URL", smtp.url()).env("PORTICO_LOG", "trace");
    let mut process = Process::start_with_log(command, log.into());
    let owner = process.signed_in(Persona::Owner);
    for number in 0..3 {
        invite(&owner, &[&format!("before-{number}@example.com")]);
    }
    smtp.wait_for_messages(3);
    for _ in 0..REQUESTS {
        assert_eq!(owner.get("/healthz").status, 200);
    }
    assert_eq!(owner.get("/home").status, 200);
    invite(&owner, &["after@example.com"]);
    smtp.wait_for_messages(4);
    process.signal("TERM");
    assert_eq!(process.wait(), Some(0), "it stops when it is told to");
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn whoever_reads_the_log_may_go_away() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    serves_with_its_log_at(writer);
}

#[test]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn whoever_reads_the_log_may_stall() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    serves_with_its_log_at(writer);
    drop(reader);
}

#[test]
#[cfg(target_os = "linux")]
#[cfg_attr(not(has_smtp), ignore = "aiosmtpd is not installed")]
fn the_disk_of_the_log_may_be_full() {
    serves_with_its_log_at(File::options().write(true).open("/dev/full").expect("a disk that is full"));
}
