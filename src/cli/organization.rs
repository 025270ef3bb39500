//! `portico organization`: what an operator does to an Organization.

use clap::{Args, Subcommand};

use super::{CliError, in_database, log, open, operator};
use crate::app::App;
use crate::closing::restore::{self, Restore};
use crate::config::ServeArgs;
use crate::organizations::set_owner::{self, SetOwner};
use crate::web::form::rules::normal_email;

#[derive(Subcommand, Debug)]
pub(super) enum OrganizationCommand {
    /// Opens an Organization again that was closed, as long as it is not erased. Its Owners are told.
    Restore(Box<OneArgs>),
    /// Makes the holder of an account Owner, whether they are a member or not. For where no Owner can sign in any more.
    SetOwner(Box<OwnerArgs>),
}

#[derive(Args, Debug)]
pub(super) struct OneArgs {
    /// The Organization, by its name in addresses, such as aerial-survey-group.
    organization: String,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Args, Debug)]
pub(super) struct OwnerArgs {
    /// The Organization, by its name in addresses, such as aerial-survey-group.
    organization: String,
    /// The e-mail address of the account.
    email: String,
    #[command(flatten)]
    serve: ServeArgs,
}

pub(super) fn run(command: &OrganizationCommand) -> Result<(), CliError> {
    let serve = match command {
        OrganizationCommand::Restore(args) => &args.serve,
        OrganizationCommand::SetOwner(args) => &args.serve,
    };
    let _log = log::start(&serve.log)?;
    let app = open(serve)?;
    let said = match command {
        OrganizationCommand::Restore(args) => restore(&app, args.organization.trim()),
        OrganizationCommand::SetOwner(args) => set_owner(&app, args.organization.trim(), &normal_email(&args.email)),
    };
    log::say(&said?);
    Ok(())
}

fn refused<T>(why: String) -> Result<T, CliError> {
    Err(CliError::Refused(why))
}

fn restore(app: &App, slug: &str) -> Result<String, CliError> {
    let (by, grace) = (operator::operator(), app.config.closed_grace);
    match app.write_now(|tx| restore::restore(tx, &by, slug, grace)).map_err(in_database(app.db.url()))? {
        Restore::Restored { name, has_owner: true } => Ok(format!("{name} is open again.")),
        Restore::Restored { name, has_owner: false } => Ok(format!(
            "{name} is open again. No Owner can sign in: `portico organization set-owner {slug} EMAIL` makes one."
        )),
        Restore::NotClosed { name } => Ok(format!("{name} is open. Nothing was changed.")),
        Restore::TooLate { name } => refused(format!(
            "{name} was closed more than {} days ago and is erased: it cannot be restored",
            grace.num_days()
        )),
        Restore::Unknown => refused(format!("no Organization is called {slug}")),
    }
}

fn set_owner(app: &App, slug: &str, email: &str) -> Result<String, CliError> {
    let by = operator::operator();
    match app.write_now(|tx| set_owner::set_owner(tx, &by, slug, email)).map_err(in_database(app.db.url()))? {
        SetOwner::Set { organization } => Ok(format!("{email} is Owner of {organization}.")),
        SetOwner::Already { organization } => {
            Ok(format!("{email} was Owner of {organization} before. Nothing was changed."))
        }
        SetOwner::Suspended => refused(format!("the account {email} is suspended: resume it first")),
        SetOwner::NoAccount => refused(format!("no account has the address {email}")),
        SetOwner::NoOrganization => refused(format!("no open Organization is called {slug}")),
    }
}
