//! All that is stored, row by row, so that a test can say that nothing was changed, or that something is not in there. Which
//! tables and columns there are is asked of the database: a new one needs no word here.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use portico::db::{Connection, DbError};

use super::Portal;

/// The rows of each table as text, sorted.
pub type State = BTreeMap<String, Vec<String>>;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// One column of text with the name `line`, from a query that may be written for one of the databases.
pub fn lines(connection: &mut Connection, query: &str) -> Vec<String> {
    let sql = diesel::sql_query(query);
    let rows: QueryResult<Vec<Line>> = match connection {
        Connection::Sqlite(sqlite) => sql.load(sqlite),
        Connection::Postgresql(postgresql) => sql.load(postgresql),
    };
    rows.unwrap_or_else(|error| panic!("{query}: {error}")).into_iter().map(|row| row.line).collect()
}

/// A column as the database describes it.
#[derive(Debug, QueryableByName)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub table_name: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// The type as this database calls it.
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Bool)]
    pub is_nullable: bool,
}

/// Every column of every table in its order, without the table in which Diesel notes the migrations that ran.
pub fn columns(connection: &mut Connection) -> Vec<Column> {
    let columns: QueryResult<Vec<Column>> = match connection {
        Connection::Sqlite(sqlite) => diesel::sql_query(
            "SELECT tables.name AS table_name, columns.name, columns.type AS kind, columns.\"notnull\" = 0 AS is_nullable \
             FROM sqlite_master tables JOIN pragma_table_info(tables.name) columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%' ORDER BY tables.name, columns.cid",
        )
        .load(sqlite),
        Connection::Postgresql(postgresql) => diesel::sql_query(
            "SELECT table_name::text, column_name::text AS name, data_type::text AS kind, is_nullable = 'YES' AS is_nullable \
             FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
        )
        .load(postgresql),
    };
    let mut columns = columns.expect("the columns are listed");
    columns.retain(|column| column.table_name != "__diesel_schema_migrations");
    columns
}

/// The tables in alphabetical order.
pub fn tables(connection: &mut Connection) -> Vec<String> {
    let mut tables: Vec<String> = columns(connection).into_iter().map(|column| column.table_name).collect();
    tables.dedup();
    tables
}

/// When somebody was there last.
const SEEN: [&str; 2] = ["last_active_on", "last_opened_at"];

/// What begins the place of a member in the order of who was there last.
const LAST_ACTIVE: &str = "term='\u{4}";

/// Each row as `column=value column=value`, bytes in hexadecimal. When somebody was there last is left out: looking notes that.
pub fn load(connection: &mut Connection) -> State {
    let quote = match connection {
        Connection::Sqlite(_) => "quote",
        Connection::Postgresql(_) => "quote_nullable",
    };
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let columns = columns(connection).into_iter().filter(|column| !SEEN.contains(&column.name.as_str()));
    for Column { table_name, name, .. } in columns {
        values.entry(table_name).or_default().push(format!("'{name}=' || {quote}(\"{name}\")"));
    }
    let rows = |(table, values): (String, Vec<String>)| {
        let mut rows = lines(connection, &format!("SELECT {} AS line FROM \"{table}\"", values.join(" || ' ' || ")));
        rows.retain(|row| !row.contains(LAST_ACTIVE));
        rows.sort();
        (table, rows)
    };
    values.into_iter().map(rows).collect()
}

/// Everything in the database of a portal.
pub fn state(portal: &Portal) -> State {
    let state = portal.app.db.read::<_, DbError>(|connection| Ok(load(connection))).expect("everything is read");
    assert!(state.len() > 10, "{:?}", state.keys());
    state
}

/// The same without the counters of [`portico::limits`], which count refusals too, and without the questions about passkeys that were
/// answered, rightly or not.
pub fn stored(portal: &Portal) -> State {
    let mut state = state(portal);
    for table in ["rate_limits", "passkey_answers"] {
        state.remove(table).expect("the table is there");
    }
    state
}

/// Fails where something differs, and says what.
pub fn assert_unchanged(before: &State, after: &State, what: &str) {
    for (table, rows) in before {
        let now = &after[table];
        assert!(
            rows == now,
            "{what}: {table} changed.\nwas: {:?}\nis: {:?}",
            rows.iter().filter(|row| !now.contains(row)).collect::<Vec<_>>(),
            now.iter().filter(|row| !rows.contains(row)).collect::<Vec<_>>(),
        );
    }
}
