//! The tables are the same on both, in the migrations and in `schema.rs`.

use std::path::Path;

use diesel::connection::SimpleConnection;
use portico::db::{Connection, DbError};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{
    Portal,
    lines::poll,
    on_both,
    state::{Column, columns, state, tables},
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
            let postgresql = postgresql.replace(" DESC NULLS LAST", " DESC");
            let sqlite = script("sqlite", &name, file).replace(") WITHOUT ROWID;", ");");
            assert_eq!(postgresql, sqlite, "{name}/{file}");
        }
    }
}

/// The columns that `schema.rs` declares, as `table.column: type`.
fn declared() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs")).expect("schema.rs");
    let mut columns = Vec::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ").filter(|_| !line.contains("joinable!")) {
            columns.push(format!("{table}.{column}: {}", kind.trim_end_matches(',')));
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            name.clone_into(&mut table);
        }
    }
    columns
}

/// The same as Diesel would declare a column that is there.
fn as_declared(column: &Column) -> String {
    let kind = match column.kind.to_lowercase().as_str() {
        "text" => "Text",
        "integer" => "Integer",
        "bigint" => "BigInt",
        "boolean" => "Bool",
        "timestamp" | "timestamp without time zone" => "Timestamp",
        "date" => "Date",
        "blob" | "bytea" => "Binary",
        other => panic!("say in this test what Diesel calls {other}"),
    };
    let kind = if column.is_nullable { format!("Nullable<{kind}>") } else { kind.to_owned() };
    format!("{}.{}: {kind}", column.table_name, column.name)
}

#[apply(on_both)]
fn the_schema_declares_the_tables_and_columns_that_are_there(#[case] portal: &Portal) {
    let there = portal.query(|connection| Ok(columns(connection)));
    let (mut declared, mut there) = (declared(), there.iter().map(as_declared).collect::<Vec<_>>());
    declared.sort();
    there.sort();
    assert_eq!(declared, there);
}

fn run(connection: &mut Connection, script: &str) {
    match connection {
        Connection::Sqlite(sqlite) => sqlite.batch_execute(script),
        Connection::Postgresql(postgresql) => postgresql.batch_execute(script),
    }
    .unwrap_or_else(|error| panic!("{script}: {error}"));
}

fn tables_of(portal: &Portal) -> Vec<String> {
    portal.query(|connection| Ok(tables(connection)))
}

#[apply(on_both)]
fn every_migration_can_be_taken_back_and_run_again(#[case] portal: &Portal) {
    let database = database_of(portal);
    let names: Vec<String> = migrations(database);
    let before = tables_of(portal);
    assert!(before.len() > 10, "{before:?}");
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
    assert_eq!(tables_of(portal), Vec::<String>::new());
    assert_eq!(portal.app.db.pending_migrations().expect("an answer").len(), names.len());
    assert_eq!(portal.browser().get("/readyz").status, 503);
    assert_eq!(portal.app.db.migrate().expect("migrations run").len(), names.len());
    assert_eq!(tables_of(portal), before);
    poll("it is ready", || (portal.browser().get("/readyz").status == 200).then_some(()));
    assert!(portal.app.db.migrate().expect("nothing is left to do").is_empty());
    assert!(state(portal).values().all(Vec::is_empty));
}
