//! `portico outbox`: the mails that wait or were given up.

use clap::{Args, Subcommand};

use super::operator::{self, Database};
use super::{CliError, log};
use crate::config::DatabaseArgs;
use crate::db::{DbError, WriteTx};
use crate::ids::MailId;
use crate::mail::queue;

/// How many mails of a kind are listed.
const LISTED: i64 = 1_000;

#[derive(Args, Debug)]
pub struct OutboxArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Lists the mails that wait, oldest first, and those that were given up, newest first.
    List(DatabaseArgs),
    /// Tries mails again now that wait for their next try: all that failed, or those that are named.
    Retry(Chosen),
    /// Gives up mails that wait, and erases their content.
    Drop(Chosen),
}

#[derive(Args, Debug)]
struct Chosen {
    /// The ids of mails, as `list` shows them.
    #[arg(value_name = "MAIL", value_parser = mail_id)]
    mails: Vec<MailId>,
    #[command(flatten)]
    database: DatabaseArgs,
}

fn mail_id(text: &str) -> Result<MailId, String> {
    MailId::parse(text).ok_or_else(|| "this is not the id of a mail".to_owned())
}

pub(super) fn run(args: &OutboxArgs) -> Result<(), CliError> {
    match &args.act {
        Act::List(args) => list(args),
        Act::Retry(chosen) if chosen.mails.is_empty() => retry_all(&chosen.database),
        Act::Retry(chosen) => each(chosen, "is tried again now", queue::retry),
        Act::Drop(chosen) if chosen.mails.is_empty() => {
            Err(CliError::Refused("name the mails to drop, by the ids that `portico outbox list` shows".to_owned()))
        }
        Act::Drop(chosen) => {
            let operator = operator::operator();
            each(chosen, "is dropped", |tx, mail| queue::drop(tx, &operator, mail))
        }
    }
}

fn list(args: &DatabaseArgs) -> Result<(), CliError> {
    let (waiting, failed) = Database::open(args)?
        .read(|connection| Ok((queue::waiting(connection, LISTED)?, queue::failed(connection, LISTED)?)))?;
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

fn retry_all(args: &DatabaseArgs) -> Result<(), CliError> {
    let hurried = Database::open(args)?.write(queue::retry_all)?;
    log::say(&format!("{hurried} mails that failed are tried again now."));
    Ok(())
}

/// Does something to each of the mails, and fails where one does not wait.
fn each(
    chosen: &Chosen,
    done: &str,
    act: impl Fn(&mut WriteTx, &MailId) -> Result<bool, DbError>,
) -> Result<(), CliError> {
    let database = Database::open(&chosen.database)?;
    let mut missing = 0;
    for mail in &chosen.mails {
        if database.write(|tx| act(tx, mail))? {
            log::say(&format!("{mail} {done}."));
        } else {
            missing += 1;
            log::say(&format!("{mail} does not wait: it is being delivered, or was delivered or given up."));
        }
    }
    if missing == 0 { Ok(()) } else { Err(CliError::Refused(format!("{missing} of the mails do not wait"))) }
}
