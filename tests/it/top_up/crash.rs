//! The process dies between the charge of a top-up and its record: the credits that were charged are there once.

use diesel::prelude::*;
use portico::db::{Db, DbError};
use portico::orders::top_up::record::TopUp;
use portico::payments::provider::ProviderKind;
use portico::schema::{credit_wallets, orders, top_ups};
use rstest::rstest;
use rstest_reuse::apply;

use super::switched_on;
use crate::support::bank::Bank;
use crate::support::process::{Alone, Process};
use crate::support::stall::Stall;
use crate::support::{Database, lines::poll, on_each_database};

/// The balance, and what came of each top-up.
fn credits(db: &Db) -> (i64, Vec<Option<&'static str>>) {
    db.read::<_, DbError>(|connection| {
        let balance: i64 = credit_wallets::table.select(credit_wallets::balance).first(connection)?;
        let rows: Vec<TopUp> = top_ups::table.order(top_ups::id).select(TopUp::as_select()).load(connection)?;
        Ok((balance, rows.into_iter().map(|row| row.outcome.map(<&str>::from)).collect()))
    })
    .expect("they are read")
}

#[apply(on_each_database)]
fn after_kill_9_between_charge_and_record_the_credits_are_there_once(#[case] database: Database) {
    let bank = Bank::open();
    let portal = &database.portal_with_stripe(&bank.url);
    let _desk = switched_on(portal);
    portal.keep_method_at(ProviderKind::Stripe, "pm_1");
    // What was bought once was never charged here.
    portal.rewrite(|connection| diesel::delete(orders::table).execute(connection));
    portal.keep_real_time();
    portal.spend(100, "job-1");
    let alone = Alone::of(portal);
    let start = || Process::start(bank.serve(&alone.url.to_string()));

    bank.hold();
    let mut process = start();
    bank.wait_for(1);
    process.kill();
    bank.let_go();
    assert_eq!((bank.taken().len(), credits(&alone.db())), (1, (50, vec![None])), "charged, and nobody knows");
    alone.forget_claims(portal);

    // And once more in the middle of the record: the credits are stored, the rest of it is not.
    for point in ["UPDATE ON top_ups", "INSERT ON invoices"] {
        let mut stall = Stall::before(&alone.url, point, "1 = 1");
        let mut process = start();
        stall.wait();
        process.kill();
        stall.end();
        assert_eq!((bank.taken().len(), credits(&alone.db())), (1, (50, vec![None])), "{point}");
        alone.forget_claims(portal);
    }

    let _process = start();
    poll("it is paid", || (credits(&alone.db()) == (150, vec![Some("paid")])).then_some(()));
    assert_eq!(bank.taken().len(), 1);
    bank.assert_agrees(&alone.db());
}
