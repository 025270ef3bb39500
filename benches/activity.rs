//! Whether the pages of the log of activity cost the same with a short and with a very long log.
//!
//! `cargo bench --bench activity` fills one SQLite file with a log of 500 rows and one of 1,000,000 (`-- --database postgres://…` for a
//! PostgreSQL, which must be empty), and asks for the same pages of both in turn. What counts is the ratio of the medians in one run,
//! never the milliseconds.

// What it measures is printed for whoever runs it.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp as SqlTimestamp};
use portico::access::Scope;
use portico::app::App;
use portico::db::DbError;
use portico::paging::Standing;
use portico::time::Timestamp;
use portico::web::Cursor;

use support::{Client, PASSWORD, app, database, found, is_asked_for, start};

mod support;

const SMALL: i64 = 500;
const LARGE: i64 = 1_000_000;
/// Rows of one moment, which one transaction writes: as many as are changed at once, at the most.
const BATCH: i64 = 500;
/// So many rows are about the settings, in either log: more than a page. All others are about people.
const RARE: i64 = 60;
/// Of so many rows, all but one were done by the Owner.
const BY_OTHERS: i64 = 100;

fn main() {
    if !is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(&folder);
    let app = Data::new(app(&url));
    app.db.migrate().expect("migrations run");
    let started = Instant::now();
    let [small, large] = [("small", SMALL), ("large", LARGE)].map(|(name, rows)| fill(&app, name, rows));
    if url.to_string().starts_with("postgres") {
        app.write_now::<_, DbError>(|tx| Ok(diesel::sql_query("ANALYZE").execute(tx.connection)?)).expect("statistics");
    }
    println!("filled {url} with {SMALL} and {LARGE} rows in {:.0} s", started.elapsed().as_secs_f64());
    let mut client = Client::new(start(&app));
    client.sign_in();
    println!("{:<34} {:>10} {:>10} {:>7}", "page", SMALL, LARGE, "ratio");
    let owner = |scope: &Scope| scope.person().user_id.to_string();
    for (title, query) in [
        ("newest", String::new()),
        ("one kind", "?kind=people".to_owned()),
        ("a rare kind", "?kind=settings".to_owned()),
        ("days of last spring", "?from=2026-03-01&to=2026-04-30".to_owned()),
        ("a person who did nearly all", format!("?person={}", owner(&small))),
        ("what they did of a rare kind", format!("?person={}&kind=settings", owner(&small))),
    ] {
        let page = format!("activity{query}");
        client.compare(title, &page, &page.replace(&owner(&small), &owner(&large)));
    }
    let far = |rows: i64| {
        let standing = Standing { at: moment(rows, rows / 2), id: format!("{}{:018}", prefix(rows), rows / 2) };
        format!("activity?after={}", Cursor::after(&standing.to_string()).encoded())
    };
    client.compare("half way down", &far(SMALL), &far(LARGE));
}

/// What the ids of a log of so many rows begin with. A number of 18 digits follows.
fn prefix(rows: i64) -> &'static str {
    if rows == SMALL { "act_01kb0000" } else { "act_01kc0000" }
}

/// How many rows of a log of so many have one moment.
fn batch(rows: i64) -> i64 {
    (rows / BATCH).clamp(1, BATCH)
}

/// When a row was written, of so many over the year before last November.
fn moment(rows: i64, number: i64) -> Timestamp {
    let beginning: DateTime<Utc> = "2025-11-01T00:00:00Z".parse().expect("a moment");
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let first = number / batch(rows) * batch(rows);
    Timestamp::from(beginning + year.mul_f64(first as f64 / rows as f64))
}

/// An Organization with a log. Straight into the table: the verbs themselves would take an hour.
fn fill(app: &App, name: &str, rows: i64) -> Scope {
    let hash = app.passwords.hash_now(PASSWORD);
    let scope = app.write_now::<_, DbError>(|tx| found(tx, name, &hash)).expect("an Organization");
    let (prefix, batch, rare) = (prefix(rows), batch(rows), rows / RARE);
    for first in (0..rows).step_by(batch as usize) {
        let entries = format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2) \
             INSERT INTO activity (id, organization_id, at, actor_id, actor_name, actor_role, ip, action, subject_id, subject_name, \
             before, after, topic) SELECT '{prefix}' || substr(CAST(1000000000000000000 + i AS TEXT), 2), $3, $4, \
             CASE WHEN i % {BY_OTHERS} = 0 THEN 'user_other' ELSE $5 END, 'Olga Owner', 'owner', '192.0.2.1', \
             CASE WHEN i % {rare} = 1 THEN 'organization.logo.changed' ELSE 'member.role.changed' END, \
             'user_' || CAST(i % 5000 AS TEXT), 'reader@example.com', '{{\"role\":\"reader\"}}', '{{\"role\":\"editor\"}}', \
             CASE WHEN i % {rare} = 1 THEN 'settings' ELSE 'people' END FROM n"
        );
        app.write_now::<_, DbError>(|tx| {
            diesel::sql_query(entries)
                .bind::<BigInt, _>(first)
                .bind::<BigInt, _>(first + batch - 1)
                .bind::<Text, _>(scope.organization_id())
                .bind::<SqlTimestamp, _>(moment(rows, first))
                .bind::<Text, _>(&scope.person().user_id)
                .execute(tx.connection)?;
            Ok(())
        })
        .expect("rows are written");
    }
    scope
}
