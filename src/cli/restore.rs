//! `portico restore`: a backup in the place of the database.

use super::backup::sqlite_file;
use super::{CliError, in_database, log};
use crate::config::BackupArgs;
use crate::db::restore;
use crate::time::Clock;

pub(super) fn run(args: &BackupArgs) -> Result<(), CliError> {
    let url = args.database.parse()?;
    let path = sqlite_file(&url, "pg_restore --clean --if-exists --single-transaction --dbname=URL FILE")?;
    let mark = Clock::System.now().to_utc().format("before-%Y%m%dT%H%M%SZ").to_string();
    let restored = restore(&url, path, &args.file, &mark).map_err(in_database(&url))?;
    log::say(&format!("{url} is {} again: {} bytes, checked.", args.file.display(), restored.bytes));
    if let Some(before) = restored.before {
        log::say(&format!("What was there before is kept as {}.", before.display()));
    }
    if restored.pending > 0 {
        log::say(&format!("It lacks {} migrations, which `portico serve` applies.", restored.pending));
    }
    if restored.unknown > 0 {
        log::say(&format!("It has {} migrations that this program does not know: use a newer one.", restored.unknown));
    }
    log::say("Start it with the PORTICO_SECRET_KEY that belongs to the backup.");
    Ok(())
}
