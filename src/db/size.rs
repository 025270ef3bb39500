//! How much room a database takes.

use std::path::Path;

use diesel::{QueryableByName, RunQueryDsl};

use super::{Connection, DatabaseUrl, Db, DbError};

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    bytes: i64,
}

impl Db {
    /// The SQLite file with its log, or what PostgreSQL says of the database.
    pub fn size_in_bytes(&self) -> Result<i64, DbError> {
        if let DatabaseUrl::Sqlite(path) = self.url() {
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len() as i64);
            return Ok(size(path) + size(Path::new(&log)));
        }
        self.look_apart(|connection| match connection {
            Connection::Postgresql(postgresql) => {
                let size = diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes");
                Ok(size.get_result::<Size>(postgresql)?.bytes)
            }
            Connection::Sqlite(_) => Ok(0),
        })
    }
}
