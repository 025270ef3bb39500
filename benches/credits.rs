//! Whether a spend and the pages about credits cost the same with a short and with a very long ledger, and how many spends a second one
//! wallet takes.
//!
//! `cargo bench --bench credits` fills one SQLite file with a ledger of 500 rows and one of 1,000,000 (`-- --rows 5000000` for more;
//! `-- --database postgres://…` for a PostgreSQL, which must be empty), and does the same with both in turn. What counts is the ratio
//! of the medians in one run, never the milliseconds.

// What it measures is printed for whoever runs it.
#![allow(clippy::print_stdout)]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp as SqlTimestamp};
use portico::access::{Actor, Operator, Product};
use portico::app::App;
use portico::audit::By;
use portico::credits::amount::Amount;
use portico::credits::check::disagreements;
use portico::credits::entry::Source;
use portico::credits::grant::{Grant, NewGrant, grant};
use portico::credits::reference::Reference;
use portico::credits::spend::{NewSpend, Spend, spend};
use portico::credits::wallet;
use portico::db::DbError;
use portico::ids::OrganizationId;
use portico::time::Timestamp;

use support::{Client, PASSWORD, app, argument, database, found, is_asked_for, median, start};

mod support;

const SMALL: i64 = 500;
const LARGE: i64 = 1_000_000;
/// Rows written in one transaction, at the most. They have one moment, so a short ledger has as many batches as a long one.
const BATCH: i64 = 50_000;
const BATCHES: i64 = 20;
const SPENDS: usize = 1_000;
/// Who spends at once, and for how long.
const SPENDERS: usize = 8;
const WHILE: Duration = Duration::from_secs(5);

fn main() {
    if !is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(&folder);
    let app = Data::new(app(&url));
    app.db.migrate().expect("migrations run");
    let large = argument("--rows").map_or(LARGE, |rows| rows.parse().expect("a number"));
    let started = Instant::now();
    let organizations = [("small", SMALL), ("large", large)].map(|(name, rows)| fill(&app, name, rows));
    if url.to_string().starts_with("postgres") {
        app.write_now::<_, DbError>(|tx| Ok(diesel::sql_query("ANALYZE").execute(tx.connection)?)).expect("statistics");
    }
    println!("filled {url} with {SMALL} and {large} rows in {:.0} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    assert_eq!(app.db.read(disagreements).expect("the ledgers are read"), []);
    println!("checking all ledgers, as `portico doctor` does: {:.1} s", started.elapsed().as_secs_f64());
    spending(&app, &organizations);
    let mut client = Client::new(start(&app));
    client.sign_in();
    println!("{:<34} {:>10} {:>10} {:>7}", "page", SMALL, large, "ratio");
    let far = |rows: i64| format!("credits?after={}", portico::web::Cursor::after(&(rows / 2).to_string()).encoded());
    let pages = [
        ("newest", "credits".to_owned(), "credits".to_owned()),
        ("half way down", far(SMALL), far(large)),
        ("grants alone", "credits?kind=grant".to_owned(), "credits?kind=grant".to_owned()),
        (
            "days of last spring",
            "credits?from=2026-03-01&to=2026-04-30".to_owned(),
            "credits?from=2026-03-01&to=2026-04-30".to_owned(),
        ),
        ("one reference", "credits?reference=job-77".to_owned(), "credits?reference=job-77".to_owned()),
    ];
    for (title, small, large) in &pages {
        client.compare(title, small, large);
    }
    let [_, large] = organizations;
    throughput(&app, &large);
    assert_eq!(app.db.read(disagreements).expect("the ledgers are read"), []);
}

/// An Organization with a ledger: one grant, and spends of one credit each over the year before last November.
fn fill(app: &App, name: &str, rows: i64) -> OrganizationId {
    let hash = app.passwords.hash_now(PASSWORD);
    let (organization, granted) = app
        .write_now::<_, DbError>(|tx| {
            let scope = found(tx, name, &hash)?;
            let organization = scope.organization_id().clone();
            let (operator, reference) = (Operator { name: String::new() }, Reference::parse("grant").expect("fit"));
            let new = NewGrant {
                amount: Amount::new(Amount::MOST).expect("an amount"),
                source: Source::Operator,
                ends_at: None,
                reference: Some(&reference),
                note: "",
            };
            let by = By::outside(Actor::Operator(&operator), &organization);
            match grant(tx, by, &organization, &new)? {
                Grant::Granted(entry) => Ok((organization, entry)),
                other => panic!("{other:?}"),
            }
        })
        .expect("credits are granted");
    // Straight into the tables: the module itself would take minutes.
    let beginning: DateTime<Utc> = "2025-11-01T00:00:00Z".parse().expect("a moment");
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let batch = (rows / BATCHES).clamp(1, BATCH);
    for first in (2..=rows).step_by(batch as usize) {
        let last = (first + batch - 1).min(rows);
        let at = Timestamp::from(beginning + year.mul_f64(first as f64 / rows as f64));
        app.write_now::<_, DbError>(|tx| {
            let numbers = format!("WITH RECURSIVE n(i) AS (SELECT CAST({first} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
            let id = format!("'crd_{name}' || CAST(10000000000 + i AS TEXT)");
            let entries = format!(
                "{numbers} INSERT INTO credit_entries (id, organization_id, number, at, kind, amount, balance_after, reference, \
                 actor_name, note) SELECT {id}, $1, i, $2, 'spend', -1, $3 - i + 1, 'job-' || CAST(i AS TEXT), \
                 'Cloud processing', '' FROM n"
            );
            diesel::sql_query(entries)
                .bind::<Text, _>(&organization)
                .bind::<SqlTimestamp, _>(at)
                .bind::<BigInt, _>(granted.amount)
                .execute(tx.connection)?;
            let parts = format!("{numbers} INSERT INTO credit_parts (entry_id, grant_id, amount) SELECT {id}, $1, -1 FROM n");
            diesel::sql_query(parts).bind::<Text, _>(&granted.id).execute(tx.connection)?;
            Ok(())
        })
        .expect("rows are written");
    }
    let left = granted.amount - (rows - 1);
    app.write_now::<_, DbError>(|tx| {
        diesel::sql_query("UPDATE credit_wallets SET balance = $1, entries = $2 WHERE organization_id = $3")
            .bind::<BigInt, _>(left)
            .bind::<BigInt, _>(rows)
            .bind::<Text, _>(&organization)
            .execute(tx.connection)?;
        diesel::sql_query("UPDATE credit_grants SET remaining = $1 WHERE entry_id = $2")
            .bind::<BigInt, _>(left)
            .bind::<Text, _>(&granted.id)
            .execute(tx.connection)?;
        Ok(())
    })
    .expect("the wallet is written");
    organization
}

/// Spends a credit.
fn spend_one(app: &App, organization: &OrganizationId, reference: &str) {
    let product = Product { name: "Cloud processing".to_owned() };
    let reference = Reference::parse(reference).expect("fit");
    let new =
        NewSpend { amount: Amount::new(1).expect("an amount"), reference: &reference, note: "Quarry, 120 images" };
    let by = By::outside(Actor::Product(&product), organization);
    let outcome = app.write_now::<_, DbError>(|tx| spend(tx, by, organization, &new)).expect("an outcome");
    assert!(matches!(outcome, Spend::Spent(_)), "{outcome:?}");
}

/// Both ledgers in turn, so that whatever else the machine does meets both.
fn spending(app: &App, organizations: &[OrganizationId; 2]) {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..SPENDS {
        for (organization, times) in organizations.iter().zip(&mut times) {
            let started = Instant::now();
            spend_one(app, organization, &format!("measured-{number}"));
            times.push(started.elapsed());
        }
    }
    let [small, large] = times.map(median);
    let ratio = large.as_secs_f64() / small.as_secs_f64();
    println!("{:<34} {:>7} µs {:>7} µs {ratio:>7.2}", "a spend", small.as_micros(), large.as_micros());
}

/// How many spends a second one wallet takes from several at once, and that none is lost.
fn throughput(app: &App, organization: &OrganizationId) {
    let read = || {
        let wallet = app.db.read(|connection| wallet::read(connection, organization)).expect("an answer");
        wallet.map_or(0, |wallet| wallet.balance)
    };
    let (before, started) = (read(), Instant::now());
    let (next, spent) = (AtomicUsize::new(0), AtomicI64::new(0));
    std::thread::scope(|threads| {
        for _ in 0..SPENDERS {
            threads.spawn(|| {
                while started.elapsed() < WHILE {
                    spend_one(app, organization, &format!("many-{}", next.fetch_add(1, Ordering::Relaxed)));
                    spent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let (spent, seconds) = (spent.into_inner(), started.elapsed().as_secs_f64());
    assert_eq!(before - read(), spent, "none is lost");
    println!("{SPENDERS} who spend from one wallet: {:.0} spends a second, none lost", spent as f64 / seconds);
}
