//! The process dies in the middle of charges, again and again: what the provider has charged is what orders and licences say.

use std::process::Command;

use chrono::Duration;
use diesel::prelude::*;
use portico::db::{Db, DbError};
use portico::ids::LicenceId;
use portico::licences::terms::Term;
use portico::schema::{jobs, licences, orders, renewals, sandbox_methods, sandbox_payments};
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, sold};
use crate::support::{
    Portal,
    lines::poll,
    on_both,
    process::{Alone, Process, serve},
};

const LICENCES: usize = 30;
const ROUNDS: i64 = 6;

fn with_sandbox(alone: &Alone) -> Command {
    let mut command = serve(&alone.url.to_string());
    command.env("PORTICO_PAYMENTS", "sandbox");
    command
}

/// Licences that are due now, and a card of the sandbox to charge.
fn prepare(portal: &Portal) -> Vec<LicenceId> {
    portal.keep_real_time();
    portal.keep_method("card-1");
    let licences: Vec<LicenceId> = (0..LICENCES).map(|_| portal.licence_of(&sold(Term::Monthly))).collect();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let card = (
                sandbox_methods::id.eq("card-1"),
                sandbox_methods::customer.eq("customer-1"),
                sandbox_methods::card.eq("good"),
                sandbox_methods::good_until.eq((tx.now + Duration::days(365)).day()),
            );
            diesel::insert_into(sandbox_methods::table).values(card).execute(tx.connection)?;
            let near = tx.now + Duration::days(3);
            Ok(diesel::update(licences::table).set(licences::ends_at.eq(near)).execute(tx.connection)?)
        })
        .expect("they are stored");
    licences
}

/// As if the claims of the process that died had run out.
fn forget_claims(portal: &Portal, db: &Db) {
    db.write::<_, DbError>(&portal.app.context, |tx| {
        let free = (jobs::claimed_by.eq(None::<String>), jobs::due_at.eq(tx.now - Duration::minutes(1)));
        Ok(diesel::update(jobs::table.filter(jobs::claimed_by.is_not_null())).set(free).execute(tx.connection)?)
    })
    .expect("the claims are forgotten");
}

fn charged(db: &Db) -> i64 {
    db.read::<_, DbError>(|connection| Ok(sandbox_payments::table.count().get_result(connection)?)).expect("a count")
}

fn paid(db: &Db) -> i64 {
    let paid = renewals::table.filter(renewals::outcome.eq("paid")).count();
    db.read::<_, DbError>(|connection| Ok(paid.get_result(connection)?)).expect("a count")
}

#[apply(on_both)]
fn after_kill_9_between_charge_and_record_each_term_is_charged_once(#[case] portal: &Portal) {
    let _desk = Desk::new(portal);
    let due = prepare(portal);
    let alone = Alone::of(portal);
    let mut between = 0;
    for round in 1..=ROUNDS {
        let mut process = Process::start(with_sandbox(&alone));
        let db = Db::connect(&alone.url, 1).expect("the database answers");
        // As soon as the provider has charged one more, it dies.
        poll("something is charged", || (charged(&db) >= round * 3).then_some(()));
        process.kill();
        between += charged(&db) - paid(&db);
        forget_claims(portal, &db);
    }
    assert!(between > 0, "it never died between a charge and its record");
    let process = Process::start(with_sandbox(&alone));
    let db = Db::connect(&alone.url, 1).expect("the database answers");
    poll("all are paid", || (paid(&db) == LICENCES as i64).then_some(()));
    drop(process);
    let (taken, asked): (Vec<i64>, Vec<i64>) = db
        .read::<_, DbError>(|connection| {
            let taken = sandbox_payments::table.select(sandbox_payments::amount).load(connection)?;
            let asked = orders::table.filter(orders::status.eq("paid")).select(orders::total).load(connection)?;
            Ok((taken, asked))
        })
        .expect("they are read");
    assert_eq!((taken.len(), asked.len()), (LICENCES, LICENCES));
    assert_eq!(taken.iter().sum::<i64>(), asked.iter().sum::<i64>(), "the provider and the orders");
    let now = portal.app.now();
    let ends: Vec<portico::time::Timestamp> = db
        .read::<_, DbError>(|connection| {
            Ok(licences::table
                .filter(licences::id.eq_any(&due))
                .select(licences::ends_at.assume_not_null())
                .load(connection)?)
        })
        .expect("they are read");
    let once = (now + Duration::days(27))..(now + Duration::days(36));
    assert!(ends.iter().all(|end| once.contains(end)), "each is one term longer: {ends:?}");
}
