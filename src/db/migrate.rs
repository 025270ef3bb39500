//! Bringing the tables up to date.

use diesel::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Connection, DbError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRESQL: EmbeddedMigrations = embed_migrations!("migrations/postgresql");

/// Any number, the same in every process: two that start at once migrate one after the other.
const MIGRATION_LOCK: i64 = 7_164_251_903;

pub(super) fn run(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    let names = |versions: Vec<diesel::migration::MigrationVersion<'_>>| {
        versions.into_iter().map(|version| version.to_string()).collect()
    };
    match connection {
        Connection::Sqlite(sqlite) => sqlite
            .immediate_transaction::<_, Box<dyn std::error::Error + Send + Sync>, _>(|sqlite| {
                sqlite.run_pending_migrations(SQLITE).map(names)
            })
            .map_err(failed),
        Connection::Postgresql(postgresql) => {
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

pub(super) fn pending(connection: &mut Connection) -> Result<Vec<String>, DbError> {
    use diesel::migration::{Migration, MigrationSource};
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    // `pending_migrations` of the library creates its table first, which a read-only connection may not: compare ourselves.
    fn missing<DB: diesel::backend::Backend>(all: Vec<Box<dyn Migration<DB>>>, applied: &[String]) -> Vec<String> {
        all.iter()
            .map(|migration| migration.name().version().to_string())
            .filter(|version| !applied.contains(version))
            .collect()
    }
    #[derive(diesel::QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let query = diesel::sql_query("SELECT version FROM __diesel_schema_migrations");
    match connection {
        Connection::Sqlite(sqlite) => {
            let applied: Vec<Version> = query.load(sqlite)?;
            let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
            Ok(missing::<diesel::sqlite::Sqlite>(SQLITE.migrations().map_err(failed)?, &applied))
        }
        Connection::Postgresql(postgresql) => {
            let applied: Vec<Version> = query.load(postgresql)?;
            let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
            Ok(missing::<diesel::pg::Pg>(POSTGRESQL.migrations().map_err(failed)?, &applied))
        }
    }
}
