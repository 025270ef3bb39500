//! Background work that finds more than it takes at once.

use std::collections::BTreeSet;

use chrono::Duration;
use diesel::prelude::*;
use portico::background;
use portico::db::Connection;
use portico::licences::terms::Term;
use portico::schema::{jobs, licences, payments};

use super::Watched;
use crate::orders::package;
use crate::renewals::sold;
use crate::support::Portal;
use crate::support::state::columns;

/// More than any of this work takes at once.
const MANY: usize = 520;

/// So many more rows that differ in some columns alone.
fn copy(portal: &Portal, table: &str, id: &str, copies: usize, different: &[&str]) {
    portal.rewrite(|connection| {
        let its = columns(connection).into_iter().filter(|column| column.table_name == table);
        let names: Vec<String> = its.map(|column| column.name).collect();
        let value = |name: &String| {
            let is_same = !different.contains(&name.as_str());
            if is_same { name.clone() } else { format!("{name} || '-' || n") }
        };
        let values: Vec<String> = names.iter().map(value).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        let statement = format!(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {copies}) \
             INSERT INTO {table} ({names}) SELECT {values} FROM {table}, numbers WHERE id = '{id}'"
        );
        match connection {
            Connection::Sqlite(sqlite) => diesel::sql_query(statement).execute(sqlite),
            Connection::Postgresql(postgresql) => diesel::sql_query(statement).execute(postgresql),
        }
    });
}

/// Many licences that end soon, of which some are to be renewed, and many payments that nobody has heard of.
fn prepare(portal: &Portal) {
    portal.shop();
    let given = portal.licence(Term::Yearly, 1);
    let bought = portal.licence_of(&sold(Term::Monthly));
    let near = portal.app.now() + Duration::days(6);
    portal.rewrite(|connection| diesel::update(licences::table).set(licences::ends_at.eq(near)).execute(connection));
    copy(portal, "licences", given.as_str(), MANY, &["id"]);
    copy(portal, "licences", bought.as_str(), 110, &["id"]);
    let order = portal.order(&package("credits-100"));
    let payment = portal.payment(&order);
    let session = portal.checkout();
    portal.rewrite(|connection| {
        diesel::update(payments::table.find(&payment.id)).set(payments::session.eq(&session)).execute(connection)
    });
    copy(portal, "orders", order.id.as_str(), 60, &["id", "number", "order_key"]);
    copy(portal, "payments", payment.id.as_str(), 60, &["id", "order_id"]);
    portal.later(Duration::hours(1));
}

/// The statements by which the background work goes on then where it was.
pub(super) fn going_on(watched: &Watched) -> BTreeSet<String> {
    let portal = &watched.portal;
    prepare(portal);
    watched.take();
    background::runner(&portal.app).run_due().expect("the jobs run");
    let failed = jobs::table.filter(jobs::last_error.ne("")).select((jobs::kind, jobs::last_error));
    let failed: Vec<(String, String)> = portal.query(|connection| failed.load(connection));
    assert_eq!(failed, []);
    let statements = watched.take();
    // What is behind a place: in the order of ends, for renewals and for notices, and in that of ids.
    let goes_on = |(words, how_many): (&str, usize)| {
        let is_it = |sql: &&String| sql.starts_with("SELECT") && sql.replace(['`', '"'], "").contains(words);
        let found: BTreeSet<String> = statements.iter().filter(is_it).cloned().collect();
        assert_eq!(found.len(), how_many, "{words}: {found:#?}");
        found
    };
    [("(licences.ends_at, licences.id) > (", 2), ("payments.id > ", 1)].into_iter().flat_map(goes_on).collect()
}
