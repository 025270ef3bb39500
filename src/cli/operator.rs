//! What commands share that change something beside a running portal: who runs them, and a database that is there already.

use super::{CliError, connect, in_database};
use crate::access::Operator;
use crate::config::DatabaseArgs;
use crate::db::{Connection, DatabaseUrl, Db, DbError, TxContext, Wake, WriteTx};
use crate::links::Links;
use crate::rates::Limits;
use crate::secrets::{Sealer, SecretKey, SecretKeys};
use crate::time::Clock;

/// The person at the command line, as the machine knows them; behind `sudo`, who called it.
pub(super) fn operator() -> Operator {
    let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    Operator { name: name.unwrap_or_default() }
}

/// The database of a portal, where commands change something.
pub(super) struct Database(Db);

impl Database {
    pub(super) fn open(args: &DatabaseArgs) -> Result<Self, CliError> {
        existing(args).map(Self)
    }

    pub(super) fn read<T>(&self, body: impl FnOnce(&mut Connection) -> Result<T, DbError>) -> Result<T, CliError> {
        self.0.read(body).map_err(in_database(self.0.url()))
    }

    /// Runs one transaction. It sends no mail and begins no session.
    pub(super) fn write<T>(&self, body: impl FnOnce(&mut WriteTx) -> Result<T, DbError>) -> Result<T, CliError> {
        self.0.write(&without_mail(), body).map_err(in_database(self.0.url()))
    }
}

/// The database of a portal. None is created, and none is migrated.
fn existing(args: &DatabaseArgs) -> Result<Db, CliError> {
    let url: DatabaseUrl = args.parse()?;
    if let DatabaseUrl::Sqlite(path) = &url
        && !path.exists()
    {
        return Err(CliError::NoDatabase(url.to_string()));
    }
    let db = connect(&url, 1)?;
    let pending = db.pending_migrations().map_err(in_database(&url))?;
    if pending.is_empty() { Ok(db) } else { Err(CliError::Pending { url: url.to_string(), count: pending.len() }) }
}

/// For transactions that send no mail and begin no session: neither the public URL nor the key is known here, and nothing is sealed
/// with this one.
fn without_mail() -> TxContext {
    let key = SecretKey::new(&SecretKey::generate()).expect("a generated key is long enough");
    TxContext {
        clock: Clock::System,
        links: Links::new(""),
        sealer: Sealer::new(SecretKeys::only(key)),
        limits: Limits::default(),
        sessions_per_account: u32::MAX,
        wake: Wake::default(),
    }
}
