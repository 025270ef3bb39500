//! `portico jobs run-once`: does what is due in the background, and ends.

use std::collections::BTreeMap;

use clap::Subcommand;

use super::{CliError, in_database, log, open};
use crate::background;
use crate::config::ServeArgs;
use crate::jobs::Outcome;

#[derive(Subcommand, Debug)]
pub(super) enum JobsCommand {
    /// Does all that is due now, such as mails that wait and rows that have run out, says what that was, and ends: without success
    /// where something failed. Safe beside running servers.
    RunOnce(Box<ServeArgs>),
}

/// What came of the jobs of one kind.
#[derive(Default)]
struct Tries {
    all: usize,
    failed: usize,
    /// Why the last of them failed.
    error: String,
}

pub(super) fn run(command: &JobsCommand) -> Result<(), CliError> {
    let JobsCommand::RunOnce(args) = command;
    let _log = log::start(&args.log)?;
    let app = open(args)?;
    let mut kinds: BTreeMap<String, Tries> = BTreeMap::new();
    let all = background::runner(&app).run_due_and_tell(|job, outcome| {
        let tries = kinds.entry(job.kind.clone()).or_default();
        tries.all += 1;
        if let Outcome::Failed { error, .. } | Outcome::GivenUp { error } | Outcome::Left { error } = outcome {
            tries.failed += 1;
            tries.error.clone_from(error);
        }
    });
    kinds.iter().for_each(|(kind, tries)| log::say(&line(kind, tries)));
    all.map_err(in_database(app.db.url()))?;
    let failed = kinds.values().map(|tries| tries.failed).sum();
    log::say(&format!("{} jobs were due.", kinds.values().map(|tries| tries.all).sum::<usize>()));
    if failed == 0 { Ok(()) } else { Err(CliError::JobsFailed(failed)) }
}

fn line(kind: &str, tries: &Tries) -> String {
    let Tries { all, failed, error } = tries;
    match failed {
        0 if *all == 1 => format!("ok    {kind}"),
        0 => format!("ok    {kind}: {all} times"),
        _ => format!("FAIL  {kind}: {failed} of {all} failed: {error}"),
    }
}
