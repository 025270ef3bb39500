//! Whether the database can be written to.

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as QueryError};
use diesel::{QueryableByName, RunQueryDsl};

use super::{Connection, Db, DbError, transaction};

#[derive(QueryableByName)]
struct ReadOnly {
    #[diesel(sql_type = diesel::sql_types::Text)]
    transaction_read_only: String,
}

fn read_only() -> QueryError {
    QueryError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, Box::new("it is read-only".to_owned()))
}

impl Db {
    /// Writes something that changes nothing; false where somebody else is writing and would have to be waited for. SQLite writes
    /// a page to its disk, which may be full; of PostgreSQL it is asked whether it lets itself be written to.
    pub fn try_to_write(&self) -> Result<bool, DbError> {
        self.check()?;
        let Some(mut pooled) = self.0.writers.pool.try_get() else { return Ok(false) };
        let connection = &mut pooled.connection;
        if !transaction::begin_at_once(connection)? {
            return Ok(false);
        }
        let outcome = match connection {
            Connection::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA user_version = 0"),
            Connection::Postgresql(postgresql) => diesel::sql_query("SHOW transaction_read_only")
                .get_result::<ReadOnly>(postgresql)
                .and_then(|answer| match answer.transaction_read_only.as_str() {
                    "off" => Ok(()),
                    _ => Err(read_only()),
                }),
        };
        if let Err(error) = outcome.and_then(|()| transaction::commit(connection)) {
            transaction::roll_back(connection);
            return Err(error.into());
        }
        Ok(true)
    }
}
