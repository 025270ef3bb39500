//! The program itself, started as an operator starts it, with real mail servers.

mod commands;
mod crash;
mod demo;
mod doctor;
mod log;
mod log_trouble;
mod mail;
mod mail_trouble;
mod memory;
mod nodes;
mod stop;
use crate::support::{Answer, Browser, SLUG};

/// Invites people as Readers, through the page.
fn invite(browser: &Browser, emails: &[&str]) -> Answer {
    let path = format!("/organizations/{SLUG}/people/invite");
    let answer = browser.upload(&path, &[("emails", &emails.join("\n")), ("role", "reader")], &[]);
    let expected = if emails.len() == 1 { 303 } else { 200 };
    assert_eq!(answer.status, expected, "{}", answer.text());
    answer
}
