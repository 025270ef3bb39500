//! `portico jobs run-once`: does what is due in the background, and ends.

use clap::Subcommand;

use super::{CliError, in_database, log, open};
use crate::background;
use crate::config::ServeArgs;

#[derive(Subcommand, Debug)]
pub(super) enum JobsCommand {
    /// Does all that is due now, such as mails that wait and rows that have run out, and ends. Safe beside running servers.
    RunOnce(Box<ServeArgs>),
}

pub(super) fn run(command: &JobsCommand) -> Result<(), CliError> {
    let JobsCommand::RunOnce(args) = command;
    let _log = log::start(&args.log)?;
    let app = open(args)?;
    let tries = background::runner(&app).run_due().map_err(in_database(app.db.url()))?;
    log::say(&format!("{tries} jobs were due. What failed waits for its next try; `portico outbox list` shows mails."));
    Ok(())
}
