//! `portico backup`: a copy of the database while it is in use.

use std::path::Path;

use super::{CliError, in_database, log};
use crate::config::BackupArgs;
use crate::db::{DatabaseUrl, back_up};

pub(super) fn run(args: &BackupArgs) -> Result<(), CliError> {
    let url = args.database.parse()?;
    let bytes = back_up(sqlite_file(&url, "pg_dump --format=custom --file=FILE URL")?, &args.file)
        .map_err(in_database(&url))?;
    log::say(&format!(
        "{} has all of {url} as it was at the start of this command: {bytes} bytes.",
        args.file.display()
    ));
    log::say("Keep PORTICO_SECRET_KEY with it, in another place: mails that wait and sessions need it.");
    Ok(())
}

/// The file of a database, or what to use in place of this command.
pub(super) fn sqlite_file<'a>(url: &'a DatabaseUrl, instead: &'static str) -> Result<&'a Path, CliError> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgresql(_) => Err(CliError::OwnTools { url: url.to_string(), instead }),
    }
}
