//! `portico consents`: the lists by which the company's tools for mails go.

use chrono::SecondsFormat;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use strum::IntoEnumIterator;

use super::operator::{self, Database};
use super::{CliError, log};
use crate::config::DatabaseArgs;
use crate::privacy::consents::{self, Agreed};
use crate::privacy::kind::Kind;
use crate::web::harmless;

/// People read at a time.
const BATCH: i64 = 1_000;

#[derive(Subcommand, Debug)]
pub(super) enum ConsentsCommand {
    /// Prints who agrees to something now, as CSV: take it again before each use, since people withdraw.
    Export(ExportArgs),
}

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// What they agree to.
    #[arg(value_parser = PossibleValuesParser::new(Kind::iter().map(Kind::key)).try_map(|key| key.parse::<Kind>()))]
    kind: Kind,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn run(command: &ConsentsCommand) -> Result<(), CliError> {
    let ConsentsCommand::Export(ExportArgs { kind, database }) = command;
    let database = Database::open(database)?;
    log::hand_over(&line(["email", "first_name", "last_name", "since", "wording"].map(str::to_owned))?)?;
    let (mut count, mut after) = (0, None);
    loop {
        let found = database.read(|connection| consents::who_agreed(connection, *kind, after.as_ref(), BATCH))?;
        let Some(last) = found.last() else { break };
        after = Some(last.user.clone());
        count += found.len();
        for agreed in found {
            log::hand_over(&line(cells(agreed))?)?;
        }
    }
    database.write(|tx| consents::record_export(tx, &operator::operator(), *kind, count))
}

fn cells(agreed: Agreed) -> [String; 5] {
    let Agreed { email, first_name, last_name, since, wording, .. } = agreed;
    let since = since.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true);
    [harmless(&email), harmless(&first_name), harmless(&last_name), since, wording.to_string()]
}

fn line(cells: [String; 5]) -> Result<String, CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(cells).map_err(std::io::Error::from)?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
