//! `portico migrate`: brings the database up to date.

use super::{CliError, connect, in_database, log};
use crate::config::DatabaseArgs;
use crate::db::{DatabaseUrl, Db};

/// Applies what has not been applied yet, and answers its names.
pub(super) fn migrate(db: &Db) -> Result<Vec<String>, CliError> {
    db.migrate().map_err(in_database(db.url()))
}

pub(super) fn run(args: &DatabaseArgs) -> Result<(), CliError> {
    let url: DatabaseUrl = args.parse()?;
    let db = connect(&url, 1)?;
    match migrate(&db)?.len() {
        0 => log::say(&format!("{url} is up to date.")),
        count => log::say(&format!("{url}: {count} migrations applied.")),
    }
    Ok(())
}
