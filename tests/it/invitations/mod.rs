//! Invitations: sending, the link, accepting, declining.

mod accepting;
mod home;
mod inviter;
mod lifetime;
mod links;
mod sending;
mod signing_up;
use diesel::prelude::*;
use portico::access::Role;
use portico::db::Connection;

use crate::support::{Persona, Portal, invite};

/// Who is invited in these tests, and has no account until a test gives them one.
const INVITED: &str = "ines@example.com";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn lines(connection: &mut Connection, query: &str) -> Vec<String> {
    let query = diesel::sql_query(query);
    let rows: QueryResult<Vec<Line>> = match connection {
        Connection::Sqlite(sqlite) => query.load(sqlite),
        Connection::Postgresql(postgresql) => query.load(postgresql),
    };
    rows.expect("the query runs").into_iter().map(|row| row.line).collect()
}

/// Every row of every table as text, bytes in hexadecimal.
fn dump(portal: &Portal) -> String {
    portal.query(|connection| {
        let queries = match connection {
            Connection::Sqlite(_) => lines(
                connection,
                "SELECT 'SELECT ' || group_concat('quote(\"' || columns.name || '\")', '||'' ''||') \
                 || ' AS line FROM \"' || tables.name || '\"' AS line \
                 FROM sqlite_master tables JOIN pragma_table_info(tables.name) columns \
                 WHERE tables.type = 'table' GROUP BY tables.name",
            ),
            Connection::Postgresql(_) => lines(
                connection,
                "SELECT 'SELECT rows::text AS line FROM \"' || table_name || '\" rows' AS line \
                 FROM information_schema.tables WHERE table_schema = 'public'",
            ),
        };
        assert!(queries.len() > 10, "{queries:?}");
        Ok(queries.iter().flat_map(|query| lines(connection, query)).collect::<Vec<_>>().join("\n"))
    })
}

/// The path of the link in the newest invitation to an address.
fn link(portal: &Portal, email: &str) -> String {
    let path = portal.link_to(email);
    assert!(path.starts_with("/invitations/"), "{path}");
    path
}

/// Invites [`INVITED`], who has an account, as `role`, and answers the path of the link.
fn invited(portal: &Portal, by: Persona, role: Role) -> String {
    portal.add_user(INVITED);
    assert_eq!(invite(&portal.signed_in(by), INVITED, role).status, 303);
    link(portal, INVITED)
}
