//! `portico user`: what an operator does to an account.

use clap::{Args, Subcommand};

use super::operator::Database;
use super::{CliError, in_database, log, open, operator};
use crate::config::{DatabaseArgs, ServeArgs};
use crate::people::suspension::{self, ResetTwoFactor, Resume, Suspend};
use crate::web::form::rules::normal_email;

#[derive(Args, Debug)]
pub struct UserArgs {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Signs somebody out everywhere.
    EndSessions(AccountArgs),
    /// Signs somebody out everywhere and keeps them out. Not the only Owner of an Organization.
    Suspend(AccountArgs),
    /// Lets somebody in again who was suspended.
    Resume(AccountArgs),
    /// Lets somebody try again at once after too many wrong passwords.
    Unlock(AccountArgs),
    /// Turns two-factor authentication off and removes all passkeys for somebody who lost everything, and mails them.
    ResetTwoFactor(Box<MailedArgs>),
}

/// For what is told by mail, which is sealed with the key of the portal.
#[derive(Args, Debug)]
struct MailedArgs {
    /// The e-mail address of the account.
    email: String,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Args, Debug)]
struct AccountArgs {
    /// The e-mail address of the account.
    email: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn run(args: &UserArgs) -> Result<(), CliError> {
    match &args.act {
        Act::EndSessions(account) => account.act(end_sessions),
        Act::Suspend(account) => account.act(suspend),
        Act::Resume(account) => account.act(resume),
        Act::Unlock(account) => account.act(unlock),
        Act::ResetTwoFactor(account) => reset_two_factor(account),
    }
}

/// What was done, in a sentence, or why nothing was.
type Said = Result<String, CliError>;

impl AccountArgs {
    fn act(&self, act: fn(&Database, &str) -> Said) -> Result<(), CliError> {
        log::say(&act(&Database::open(&self.database)?, &normal_email(&self.email))?);
        Ok(())
    }
}

fn unknown(email: &str) -> CliError {
    CliError::Refused(format!("no account has the address {email}"))
}

fn sessions(count: usize) -> String {
    match count {
        0 => "No session was open.".to_owned(),
        1 => "1 session was ended.".to_owned(),
        count => format!("{count} sessions were ended."),
    }
}

fn end_sessions(database: &Database, email: &str) -> Said {
    let ended = database.write(|tx| suspension::end_sessions(tx, &operator::operator(), email))?;
    Ok(format!("{email}: {}", sessions(ended.ok_or_else(|| unknown(email))?)))
}

fn suspend(database: &Database, email: &str) -> Said {
    match database.write(|tx| suspension::suspend(tx, &operator::operator(), email))? {
        Suspend::Suspended { sessions: ended } => Ok(format!("{email} is suspended. {}", sessions(ended))),
        Suspend::Already => Ok(format!("{email} was suspended before. Nothing was changed.")),
        Suspend::LastOwner { organizations } => Err(CliError::Refused(format!(
            "{email} is the only active Owner of {}: somebody else must become Owner there first. Nothing was changed",
            organizations.join(", ")
        ))),
        Suspend::Unknown => Err(unknown(email)),
    }
}

fn unlock(database: &Database, email: &str) -> Said {
    match database.write(|tx| suspension::unlock(tx, &operator::operator(), email))? {
        true => Ok(format!("{email} can try to sign in again at once.")),
        false => Err(unknown(email)),
    }
}

fn reset_two_factor(args: &MailedArgs) -> Result<(), CliError> {
    let _log = log::start(&args.serve.log)?;
    let (app, by, email) = (open(&args.serve)?, operator::operator(), normal_email(&args.email));
    let reset = app.write_now(|tx| suspension::reset_two_factor(tx, &by, &email)).map_err(in_database(app.db.url()))?;
    let removed = match reset {
        ResetTwoFactor::Reset { passkeys: 0 } => "",
        ResetTwoFactor::Reset { passkeys: 1 } => " 1 passkey was removed.",
        ResetTwoFactor::Reset { passkeys } => &format!(" {passkeys} passkeys were removed."),
        ResetTwoFactor::Nothing => {
            log::say(&format!("{email} had neither two-factor authentication nor passkeys. Nothing was changed."));
            return Ok(());
        }
        ResetTwoFactor::Unknown => return Err(unknown(&email)),
    };
    log::say(&format!("{email} signs in with the password alone now, and was told by mail.{removed}"));
    Ok(())
}

fn resume(database: &Database, email: &str) -> Said {
    match database.write(|tx| suspension::resume(tx, &operator::operator(), email))? {
        Resume::Resumed => Ok(format!("{email} can sign in again.")),
        Resume::Already => Ok(format!("{email} was not suspended. Nothing was changed.")),
        Resume::Unknown => Err(unknown(email)),
    }
}
