//! Who serves an SQLite file: one process at a time. Two would each think the other's turn with the jobs, and with the file itself,
//! was theirs.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::{DatabaseUrl, DbError, sqlite};

/// The right to serve a database. It ends with the process, however that ends.
pub struct Served(#[allow(dead_code, reason = "held, not read")] Option<File>);

/// The file whose lock it is. Closing the database's own file would drop the locks that SQLite has on it.
fn lock_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

impl Served {
    /// Fails where another process serves the file already. Any number of processes may serve a PostgreSQL.
    pub fn claim(url: &DatabaseUrl) -> Result<Self, DbError> {
        let DatabaseUrl::Sqlite(path) = url else { return Ok(Self(None)) };
        let lock = lock_file(path);
        let failed = |error: std::io::Error| DbError::File(format!("{}: {error}", lock.display()));
        let file = sqlite::private().create(true).truncate(false).open(&lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(DbError::ServedAlready),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
