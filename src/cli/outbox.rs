//! `portico outbox list|retry|drop`: the mails that wait or were given up.

use clap::{Args, Subcommand};

use super::{CliError, in_database, log, open};
use crate::app::App;
use crate::config::ServeArgs;
use crate::db::{DbError, WriteTx};
use crate::ids::MailId;
use crate::mail::queue;

/// How many mails of a kind are listed.
const LISTED: i64 = 1_000;

#[derive(Subcommand, Debug)]
pub(super) enum OutboxCommand {
    /// Lists the mails that wait, oldest first, and those that were given up, newest first.
    List(Box<ServeArgs>),
    /// Tries mails again now that wait for their next try: all that failed, or those that are named.
    Retry(Chosen),
    /// Gives up mails that wait, and erases their content.
    Drop(Chosen),
}

#[derive(Args, Debug)]
pub(super) struct Chosen {
    /// The ids of mails, as `list` shows them.
    #[arg(value_name = "MAIL", value_parser = mail_id)]
    mails: Vec<MailId>,
    #[command(flatten)]
    serve: Box<ServeArgs>,
}

fn mail_id(text: &str) -> Result<MailId, String> {
    MailId::parse(text).ok_or_else(|| "this is not the id of a mail".to_owned())
}

pub(super) fn run(command: &OutboxCommand) -> Result<(), CliError> {
    match command {
        OutboxCommand::List(args) => list(&open(args)?),
        OutboxCommand::Retry(chosen) if chosen.mails.is_empty() => retry_all(&open(&chosen.serve)?),
        OutboxCommand::Retry(chosen) => each(chosen, queue::retry, "is tried again now"),
        OutboxCommand::Drop(chosen) if chosen.mails.is_empty() => Err(CliError::NoMails),
        OutboxCommand::Drop(chosen) => each(chosen, queue::drop, "is dropped"),
    }
}

fn list(app: &App) -> Result<(), CliError> {
    let (waiting, failed) = app
        .db
        .read(|connection| Ok::<_, DbError>((queue::waiting(connection, LISTED)?, queue::failed(connection, LISTED)?)))
        .map_err(in_database(app.db.url()))?;
    for mail in &waiting {
        let (id, kind, recipient, due, tries) = (&mail.id, &mail.kind, &mail.recipient, mail.due_at, mail.attempts);
        log::say(&format!("waits  {id}  {kind}  {recipient}  due {due}  tries {tries}  {}", mail.last_error));
    }
    for mail in &failed {
        let (id, kind, recipient, failed) = (&mail.id, &mail.kind, &mail.recipient, mail.failed_at);
        log::say(&format!("failed {id}  {kind}  {recipient}  at {failed}  {}", mail.failure));
    }
    log::say(&format!("{} wait, {} were given up in the last month.", waiting.len(), failed.len()));
    Ok(())
}

fn retry_all(app: &App) -> Result<(), CliError> {
    let hurried = app.write_now(queue::retry_all).map_err(in_database(app.db.url()))?;
    log::say(&format!("{hurried} mails that failed are tried again now."));
    Ok(())
}

/// Does something to each of the mails, and fails where one does not wait.
fn each(chosen: &Chosen, act: fn(&mut WriteTx, &MailId) -> Result<bool, DbError>, done: &str) -> Result<(), CliError> {
    let app = open(&chosen.serve)?;
    let mut missing = 0;
    for mail in &chosen.mails {
        if app.write_now(|tx| act(tx, mail)).map_err(in_database(app.db.url()))? {
            log::say(&format!("{mail} {done}."));
        } else {
            missing += 1;
            log::say(&format!("{mail} does not wait: it is being delivered, or was delivered or given up."));
        }
    }
    if missing == 0 { Ok(()) } else { Err(CliError::NotWaiting(missing)) }
}
