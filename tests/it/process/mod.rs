//! The program itself, started as an operator starts it, with real mail servers.

mod commands;
mod crash;
mod credits;
mod demo;
mod doctor;
mod log;
mod log_trouble;
mod mail;
mod mail_trouble;
mod memory;
mod nodes;
mod orders;
mod outbox;
mod stop;
mod user;
use portico::access::Role;

use crate::support::{self, Answer, Browser};

/// Invites people as Readers, through the page.
fn invite(browser: &Browser, emails: &[&str]) -> Answer {
    let answer = support::invite(browser, &emails.join("\n"), Role::Reader);
    let expected = if emails.len() == 1 { 303 } else { 200 };
    assert_eq!(answer.status, expected, "{}", answer.text());
    answer
}
