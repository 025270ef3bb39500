//! A transaction that comes no further: the database of a test keeps whoever changes certain rows waiting, so that a process can be
//! killed in the middle of a transaction, after all that it wrote before.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use portico::db::DatabaseUrl;

use super::lines::poll;

/// What PostgreSQL has them wait for.
const LOCK: i64 = 726_011;

/// Keeps whoever makes a change waiting, until it is dropped.
pub enum Stall {
    /// Whoever makes it reckons for hours: SQLite has nothing to wait for inside of a transaction.
    Sqlite(PathBuf),
    /// Whoever makes it waits for a lock that this connection has.
    Postgresql(PgConnection),
}

impl Stall {
    /// `change` is such as `INSERT ON invoices`, `when` such as `NEW.kind = 'invoice'`.
    pub fn before(url: &DatabaseUrl, change: &str, when: &str) -> Self {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut connection = open(path);
                // A trigger may not count by itself, but it may read what counts.
                let statements = format!(
                    "CREATE VIEW stall AS WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers \
                     WHERE n < 1000000000000) SELECT max(n) AS n FROM numbers; \
                     CREATE TRIGGER stall BEFORE {change} FOR EACH ROW WHEN {when} BEGIN SELECT n FROM stall; END;"
                );
                connection.batch_execute(&statements).expect("the trigger is made");
                Self::Sqlite(path.clone())
            }
            DatabaseUrl::Postgresql(address) => {
                let mut connection = PgConnection::establish(address).expect("the database answers");
                let statements = format!(
                    "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                     PERFORM pg_advisory_xact_lock({LOCK}); \
                     IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$; \
                     CREATE TRIGGER stall BEFORE {change} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION stall(); \
                     SELECT pg_advisory_lock({LOCK});"
                );
                connection.batch_execute(&statements).expect("the trigger is made");
                Self::Postgresql(connection)
            }
        }
    }

    /// Waits until somebody makes the change, and comes no further.
    pub fn wait(&mut self) {
        match self {
            Self::Sqlite(path) => {
                let mut connection = open(path);
                let mut in_a_row = 0;
                // Any other transaction has ended by then.
                poll("a transaction comes no further", || {
                    let is_free = connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK").is_ok();
                    in_a_row = if is_free { 0 } else { in_a_row + 1 };
                    (in_a_row > 25).then_some(())
                });
            }
            Self::Postgresql(connection) => {
                let waiting = format!("SELECT pid FROM pg_locks WHERE objid = {LOCK} AND NOT granted");
                poll("a transaction comes no further", || {
                    let waiting = diesel::sql_query(&waiting).execute(connection).expect("an answer");
                    (waiting > 0).then_some(())
                });
            }
        }
    }

    /// Lets whoever comes make the change again.
    pub fn end(self) {
        match self {
            Self::Sqlite(path) => {
                open(&path).batch_execute("DROP TRIGGER stall; DROP VIEW stall").expect("the trigger is gone");
            }
            Self::Postgresql(mut connection) => {
                // Who was killed meanwhile goes on here, and finds nobody to tell.
                let statements = format!("SELECT pg_advisory_unlock({LOCK}); DROP FUNCTION stall() CASCADE");
                connection.batch_execute(&statements).expect("the trigger is gone");
            }
        }
    }
}

fn open(path: &Path) -> SqliteConnection {
    let path = path.to_str().expect("a path that is text");
    SqliteConnection::establish(path).expect("the file can be opened")
}
