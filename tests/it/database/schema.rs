//! The tables are the same on both, in the migrations and in `schema.rs`.

use std::collections::BTreeMap;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use portico::db::{Connection, DbError};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Persona, Portal, on_both,
    state::{TABLES, state},
};

fn folder(database: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database)
}

/// The names of the migrations of a database, in order.
fn migrations(database: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(database)).expect("the folder of migrations");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn script(database: &str, migration: &str, file: &str) -> String {
    let path = folder(database).join(migration).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn database_of(portal: &Portal) -> &'static str {
    match portal.app.db.url() {
        portico::db::DatabaseUrl::Sqlite(_) => "sqlite",
        portico::db::DatabaseUrl::Postgresql(_) => "postgresql",
    }
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(migrations("sqlite"), migrations("postgresql"));
    assert!(!migrations("sqlite").is_empty());
}

/// Words that differ where the databases do, and nothing else.
#[test]
fn the_twins_differ_only_where_the_databases_do() {
    for name in migrations("sqlite") {
        for file in ["up.sql", "down.sql"] {
            let postgresql = script("postgresql", &name, file).replace("BYTEA", "BLOB").replace(" COLLATE \"C\"", "");
            let sqlite = script("sqlite", &name, file).replace(") WITHOUT ROWID;", ");");
            assert_eq!(postgresql, sqlite, "{name}/{file}");
        }
    }
}

#[test]
fn the_tests_know_every_table_and_every_column_of_the_schema() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs")).expect("schema.rs");
    let mut declared: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((column, _)) = line.split_once(" -> ").filter(|_| !line.contains("joinable!")) {
            declared.get_mut(&table).expect("a column stands in a table").push(column.to_owned());
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
            declared.insert(table.clone(), Vec::new());
        }
    }
    let known: BTreeMap<String, Vec<String>> = TABLES
        .iter()
        .map(|(table, columns)| ((*table).to_owned(), columns.iter().map(|column| (*column).to_owned()).collect()))
        .collect();
    assert_eq!(declared, known);
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// One column of text, from a query that is written for one of the databases.
pub(super) fn names(connection: &mut Connection, query: &str) -> Vec<String> {
    let query = diesel::sql_query(query);
    let rows: Vec<Name> = match connection {
        Connection::Sqlite(sqlite) => query.load(sqlite),
        Connection::Postgresql(postgresql) => query.load(postgresql),
    }
    .expect("the query runs");
    rows.into_iter().map(|row| row.name).collect()
}

fn run(connection: &mut Connection, script: &str) {
    match connection {
        Connection::Sqlite(sqlite) => sqlite.batch_execute(script),
        Connection::Postgresql(postgresql) => postgresql.batch_execute(script),
    }
    .unwrap_or_else(|error| panic!("{script}: {error}"));
}

fn tables(portal: &Portal) -> Vec<String> {
    let query = match database_of(portal) {
        "sqlite" => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
    };
    let all = portal.app.db.read::<_, DbError>(|connection| Ok(names(connection, query))).expect("the tables");
    all.into_iter().filter(|name| !name.starts_with("__diesel")).collect()
}

fn expected_tables() -> Vec<String> {
    let mut expected: Vec<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    expected.sort();
    expected
}

#[apply(on_both)]
fn every_column_of_every_table_can_be_read(#[case] portal: &Portal) {
    let places = portal.places(0, "guest@example.net");
    let owner = portal.signed_in(Persona::Owner);
    owner.upload("/organizations/acme/settings/logo", &[], &[("logo", "a.png", &crate::support::places::picture())]);
    assert!(!places.person.is_empty());
    // At least one row each, so that every type is converted.
    for (table, rows) in state(portal) {
        assert!(!rows.is_empty(), "{table}");
    }
    assert_eq!(tables(portal), expected_tables());
}

#[apply(on_both)]
fn every_migration_can_be_taken_back_and_run_again(#[case] portal: &Portal) {
    let database = database_of(portal);
    let names: Vec<String> = migrations(database);
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for name in names.iter().rev() {
                run(tx.connection, &script(database, name, "down.sql"));
            }
            run(tx.connection, "DELETE FROM __diesel_schema_migrations");
            Ok(())
        })
        .expect("everything is taken back");
    assert_eq!(tables(portal), Vec::<String>::new());
    assert_eq!(portal.app.db.pending_migrations().expect("an answer").len(), names.len());
    assert_eq!(portal.browser().get("/readyz").status, 503);
    assert_eq!(portal.app.db.migrate().expect("migrations run").len(), names.len());
    assert_eq!(tables(portal), expected_tables());
    assert_eq!(portal.browser().get("/readyz").status, 200);
    assert!(portal.app.db.migrate().expect("nothing is left to do").is_empty());
    assert!(state(portal).values().all(Vec::is_empty));
}
