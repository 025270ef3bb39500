//! `portico catalog`: what is for sale.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::operator::{self, Database};
use super::{CliError, log};
use crate::catalogue::difference::Difference;
use crate::catalogue::{file, import};
use crate::config::DatabaseArgs;

/// What `--dry-run` answers where the file would change something. 2 is what a wrong flag answers.
const WOULD_CHANGE: u8 = 3;

#[derive(Subcommand, Debug)]
pub(super) enum CatalogCommand {
    /// Makes a file the catalogue: adds, updates, and takes from sale what it has no more. Nothing that was sold is changed.
    ///
    /// The status is 0 when it was imported, or would change nothing; 3 when --dry-run found that it would change something; 1 when
    /// the file has faults, each of which is said with its line, and nothing was changed.
    Import(ImportArgs),
}

#[derive(Args, Debug)]
pub(super) struct ImportArgs {
    /// The catalogue, a TOML file as docs/catalogue.md describes it.
    file: PathBuf,
    /// Only says what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) fn run(command: &CatalogCommand) -> Result<ExitCode, CliError> {
    let CatalogCommand::Import(args) = command;
    let text = fs::read_to_string(&args.file).map_err(|error| CliError::File { path: args.file.clone(), error })?;
    let faulty = |faults| CliError::Catalogue { path: args.file.clone(), faults };
    let file = file::read(&text).map_err(faulty)?;
    let database = Database::open(&args.database)?;
    if args.dry_run {
        let differences = database.read(|connection| import::preview(connection, &file))?.map_err(faulty)?;
        say(&differences, "; nothing is changed by a dry run");
        let would_change = !differences.is_empty();
        return Ok(if would_change { ExitCode::from(WOULD_CHANGE) } else { ExitCode::SUCCESS });
    }
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let operator = operator::operator();
    let differences = database.write(|tx| import::import(tx, &operator, &name, &file))?.map_err(faulty)?;
    say(&differences, " imported");
    Ok(ExitCode::SUCCESS)
}

fn say(differences: &[Difference], end: &str) {
    for difference in differences {
        log::say(&difference.to_string());
    }
    match differences.len() {
        0 => log::say("The catalogue is as the file has it. Nothing is changed."),
        1 => log::say(&format!("1 difference{end}.")),
        count => log::say(&format!("{count} differences{end}.")),
    }
}
