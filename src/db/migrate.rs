//! Bringing the tables up to date.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::result::Error as QueryError;
use diesel::{QueryResult, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// Any number, the same in every process: two that start at once migrate one after the other.
const MIGRATION_LOCK: i64 = 7_164_251_903;

/// Leaves the connection without limits of time: it is not to be used for anything else.
pub(super) fn run(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    let names = |versions: Vec<diesel::migration::MigrationVersion<'_>>| {
        versions.into_iter().map(|version| version.to_string()).collect()
    };
    match connection {
        Connection::Sqlite(sqlite) => {
            // Here and below, whoever comes second waits as long as the first one takes, and a big table takes its time.
            sqlite.batch_execute("PRAGMA busy_timeout = 600000")?;
            sqlite
                .immediate_transaction::<_, Box<dyn std::error::Error + Send + Sync>, _>(|sqlite| {
                    sqlite.run_pending_migrations(SQLITE).map(names)
                })
                .map_err(failed)
        }
        Connection::Postgresql(postgresql) => {
            postgresql.batch_execute("SET statement_timeout = 0; SET lock_timeout = 0")?;
            diesel::sql_query("SELECT pg_advisory_lock($1)")
                .bind::<diesel::sql_types::BigInt, _>(MIGRATION_LOCK)
                .execute(postgresql)?;
            let outcome = postgresql.run_pending_migrations(POSTGRESQL).map(names).map_err(failed);
            diesel::sql_query("SELECT pg_advisory_unlock($1)")
                .bind::<diesel::sql_types::BigInt, _>(MIGRATION_LOCK)
                .execute(postgresql)?;
            outcome
        }
    }
}

/// What this program brings and the database does not have yet.
pub(super) fn pending(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let (known, applied) = known_and_applied(connection)?;
    Ok(known.into_iter().filter(|version| !applied.contains(version)).collect())
}

/// What a newer program brought.
pub(super) fn unknown(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let (known, applied) = known_and_applied(connection)?;
    Ok(applied.into_iter().filter(|version| !known.contains(version)).collect())
}

/// `pending_migrations` of the library creates its table first, which a read-only connection may not: compare ourselves.
pub(super) fn known_and_applied(connection: &mut Connection) -> Result<(Vec<String>, Vec<String>), DbError> {
    fn names<DB: Backend>(source: EmbeddedMigrations) -> Result<Vec<String>, DbError> {
        let all: Vec<Box<dyn Migration<DB>>> =
            source.migrations().map_err(|error| DbError::Migration(error.to_string()))?;
        Ok(all.iter().map(|migration| migration.name().version().to_string()).collect())
    }
    let query = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    Ok(match connection {
        Connection::Sqlite(sqlite) => (names::<diesel::sqlite::Sqlite>(SQLITE)?, versions(query.load(sqlite))?),
        Connection::Postgresql(postgresql) => (names::<diesel::pg::Pg>(POSTGRESQL)?, versions(query.load(postgresql))?),
    })
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = diesel::sql_types::Text)]
    version: String,
}

/// What was applied. Nothing, where the table that says so is not there yet.
fn versions(loaded: QueryResult<Vec<Version>>) -> QueryResult<Vec<String>> {
    match loaded {
        Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
        Err(QueryError::DatabaseError(_, info)) if info.message().contains("__diesel_schema_migrations") => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}
