//! All that is stored, row by row, so that a test can say that nothing was changed.

use std::collections::BTreeMap;

use diesel::prelude::*;
use portico::db::{Connection, DbError};
use portico::schema;
use portico::time::Timestamp;

use super::Portal;

/// The rows of each table as text, in the order of their keys.
pub type State = BTreeMap<&'static str, Vec<String>>;

/// A value as text; bytes in hexadecimal, so that what is in them can be looked for.
trait Shown {
    fn shown(&self) -> String;
}

macro_rules! shown {
    ($($kind:ty),*) => {$(
        impl Shown for $kind {
            fn shown(&self) -> String {
                format!("{self:?}")
            }
        }
    )*};
}
shown!(String, i32, bool, Timestamp, Option<String>, Option<Timestamp>);

impl Shown for Vec<u8> {
    fn shown(&self) -> String {
        self.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Loads all columns of each table with the types that `schema.rs` promises.
macro_rules! tables {
    ($($table:ident { $($column:ident: $kind:ty),* })*) => {
        fn load(connection: &mut Connection) -> Result<State, DbError> {
            let mut state = State::new();
            $({
                let rows: Vec<($($kind,)*)> = schema::$table::table.select(schema::$table::all_columns).load(connection)?;
                let text = |($($column,)*): ($($kind,)*)| [$(format!("{}={}", stringify!($column), $column.shown())),*].join(" ");
                let mut rows: Vec<String> = rows.into_iter().map(text).collect();
                rows.sort();
                state.insert(stringify!($table), rows);
            })*
            Ok(state)
        }

        /// Each table with its columns, as this file reads them.
        pub const TABLES: &[(&str, &[&str])] = &[$((stringify!($table), &[$(stringify!($column)),*])),*];
    };
}

tables! {
    users { id: String, email: String, password_hash: String, first_name: String, last_name: String, company: String,
        country: String, created_at: Timestamp, updated_at: Timestamp }
    user_sessions { id: String, user_id: String, token_hash: String, created_at: Timestamp, last_seen_at: Timestamp,
        authenticated_at: Timestamp, expires_at: Timestamp, ip: String, user_agent: String }
    sign_ups { id: String, token_hash: String, email: String, password_hash: String, first_name: String,
        last_name: String, company: String, country: String, created_at: Timestamp, expires_at: Timestamp }
    password_resets { id: String, user_id: String, email: String, token_hash: String, created_at: Timestamp,
        expires_at: Timestamp, used_at: Option<Timestamp> }
    rate_limits { bucket: String, used: i32, ends_at: Timestamp }
    organizations { id: String, slug: String, kind: String, name: String, website: String, industry: String,
        language: String, legal_name: String, postal_address: String, zip: String, city: String, country: String,
        tax_id: String, tax_exempt: bool, officer_name: String, officer_position: String, officer_phone: String,
        logo_hash: String, version: i32, created_by: String, creation_key: String, created_at: Timestamp,
        updated_at: Timestamp }
    organization_logos { organization_id: String, content: Vec<u8> }
    memberships { id: String, organization_id: String, user_id: String, role: String, inviter_name: String,
        created_at: Timestamp, updated_at: Timestamp }
    invitations { id: String, organization_id: String, email: String, role: String, secret_hash: String,
        invited_by: String, sent_at: Timestamp, expires_at: Timestamp, created_at: Timestamp, outcome: Option<String>,
        closed_at: Option<Timestamp> }
    people_terms { organization_id: String, kind: String, term: String, entry_id: String, role: String }
    activity { id: String, organization_id: Option<String>, at: Timestamp, actor_id: String, actor_name: String,
        actor_role: String, ip: String, action: String, subject_id: String, subject_name: String, before: String,
        after: String }
    outbox { id: String, kind: String, recipient: String, sealed: Vec<u8>, once_key: Option<String>,
        created_at: Timestamp, attempts: i32, due_at: Option<Timestamp>, delivered_at: Option<Timestamp>,
        failure: String }
}

/// Everything in the database of a portal.
pub fn state(portal: &Portal) -> State {
    portal.app.db.read(load).expect("every column of every table can be read")
}

/// The same without the counters of [`portico::limits`], which count refusals too.
pub fn stored(portal: &Portal) -> State {
    let mut state = state(portal);
    state.remove("rate_limits");
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
