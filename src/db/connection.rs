//! The connection that may be either. In a file of its own, since what the derive writes needs names to itself.

use diesel::{PgConnection, SqliteConnection};

#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgresql(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs `$query` on whichever connection it is. The derive does the same for any query, but writes the statement out two times
/// each time that it runs, which costs a page a tenth of its time. For what every page asks.
macro_rules! on_either {
    ($either:expr, |$connection:ident| $query:expr) => {
        match $either {
            $crate::db::Connection::Postgresql($connection) => $query,
            $crate::db::Connection::Sqlite($connection) => $query,
        }
    };
}
pub(crate) use on_either;
