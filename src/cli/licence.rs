//! `portico licence`: what an operator does to a licence of an Organization.

use clap::{Args, Subcommand, value_parser};

use super::operator::{Database, operator};
use super::{CliError, log};
use crate::config::DatabaseArgs;
use crate::ids::LicenceId;
use crate::licences::suspension::{self, Resume, SetSeats, Suspend};

#[derive(Args, Debug)]
pub struct LicenceCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Keeps people from beginning to use a licence. Who has a seat keeps it.
    Suspend(LicenceArgs),
    /// Ends a suspension.
    Resume(LicenceArgs),
    /// Changes how many seats a licence has, but never to fewer than are in use.
    Seats {
        #[command(flatten)]
        licence: LicenceArgs,
        /// How many there shall be.
        #[arg(value_parser = value_parser!(u16).range(1..))]
        seats: u16,
    },
}

#[derive(Args, Debug)]
struct LicenceArgs {
    /// The id of the licence, which stands in the address of its page: `lic_…`.
    licence: String,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn run(command: &LicenceCommand) -> Result<(), CliError> {
    match &command.act {
        Act::Suspend(licence) => licence.act(suspend),
        Act::Resume(licence) => licence.act(resume),
        Act::Seats { licence, seats } => licence.act(|database, id| set_seats(database, id, *seats)),
    }
}

/// What was done, in a sentence, or why nothing was.
type Said = Result<String, CliError>;

impl LicenceArgs {
    fn act(&self, act: impl Fn(&Database, &LicenceId) -> Said) -> Result<(), CliError> {
        let id = LicenceId::parse(self.licence.trim()).ok_or_else(|| {
            let why = "is not the id of a licence, which stands in the address of its page and begins with lic_";
            CliError::Refused(format!("{} {why}", self.licence))
        })?;
        log::say(&act(&Database::open(&self.database)?, &id)?);
        Ok(())
    }
}

fn unknown(id: &LicenceId) -> CliError {
    CliError::Refused(format!("there is no licence {id}"))
}

fn suspend(database: &Database, id: &LicenceId) -> Said {
    match database.write(|tx| suspension::suspend(tx, &operator(), id))? {
        Suspend::Suspended { product } => Ok(format!("{id} ({product}) is suspended. Nobody lost a seat.")),
        Suspend::Already => Ok(format!("{id} was suspended before. Nothing was changed.")),
        Suspend::Unknown => Err(unknown(id)),
    }
}

fn resume(database: &Database, id: &LicenceId) -> Said {
    match database.write(|tx| suspension::resume(tx, &operator(), id))? {
        Resume::Resumed { product } => Ok(format!("{id} ({product}) can be used again.")),
        Resume::Already => Ok(format!("{id} was not suspended. Nothing was changed.")),
        Resume::Unknown => Err(unknown(id)),
    }
}

fn set_seats(database: &Database, id: &LicenceId, seats: u16) -> Said {
    match database.write(|tx| suspension::set_seats(tx, &operator(), id, seats))? {
        SetSeats::Set { product, before } => Ok(format!("{id} ({product}) has {seats} seats now, {before} before.")),
        SetSeats::Already => Ok(format!("{id} has {seats} seats. Nothing was changed.")),
        SetSeats::InUse { used } => Err(CliError::Refused(format!(
            "{id} cannot have {seats} seats: {used} are in use. Somebody must release one first. Nothing was changed"
        ))),
        SetSeats::Unknown => Err(unknown(id)),
    }
}
