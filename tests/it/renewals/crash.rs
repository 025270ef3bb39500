//! The process dies between a charge and its record, and between its record and the end of its job: what the provider has charged is what
//! orders, licences and invoices say.

use chrono::Duration;
use diesel::prelude::*;
use portico::db::{Db, DbError};
use portico::licences::terms::{Term, day_of_month, end_of, renewed};
use portico::payments::provider::ProviderKind;
use portico::schema::{jobs, licences, renewals};
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, sold};
use crate::support::bank::Bank;
use crate::support::process::{Alone, Process};
use crate::support::stall::Stall;
use crate::support::{Database, Portal, lines::poll, on_each_database};

const LICENCES: usize = 8;
/// How many charges a process makes at once, besides what somebody waits for.
const AT_ONCE: usize = 2;

/// Licences that are due now, and a card to charge. Answers until when they are valid once another term is paid.
fn prepare(portal: &Portal) -> Timestamp {
    let _desk = Desk::new(portal);
    portal.keep_real_time();
    portal.keep_method_at(ProviderKind::Stripe, "pm_1");
    for _ in 0..LICENCES {
        portal.licence_of(&sold(Term::Monthly));
    }
    let last = portal.app.now().day() + Duration::days(3);
    let (near, day) = (end_of(last), day_of_month(last));
    let change = (licences::ends_at.eq(near), licences::renewal_day.eq(i32::try_from(day).expect("a day")));
    portal.rewrite(|connection| diesel::update(licences::table).set(change).execute(connection));
    let (one_term_later, _) = renewed(Term::Monthly, near, day, portal.app.now()).expect("another term");
    one_term_later
}

/// How many terms are known to be paid.
fn paid(db: &Db) -> usize {
    let paid = renewals::table.filter(renewals::outcome.eq("paid")).count();
    let paid: i64 = db.read::<_, DbError>(|connection| Ok(paid.get_result(connection)?)).expect("a count");
    usize::try_from(paid).expect("a count")
}

/// Lets a process do all that is left, and looks at what has come of it.
fn assert_each_is_charged_once(bank: &Bank, portal: &Portal, alone: &Alone, end: Timestamp) {
    alone.forget_claims(portal);
    let _process = Process::start(bank.serve(&alone.url.to_string()));
    let db = alone.db();
    poll("all are paid and nothing is left to be done", || {
        let left = jobs::table.filter(jobs::kind.eq("orders.renew")).count();
        let left: i64 = db.read::<_, DbError>(|connection| Ok(left.get_result(connection)?)).expect("a count");
        (paid(&db) == LICENCES && left == 0).then_some(())
    });
    assert_eq!(bank.taken().len(), LICENCES);
    bank.assert_agrees(&db);
    let ends = licences::table.select(licences::ends_at.assume_not_null());
    let ends: Vec<Timestamp> = db.read::<_, DbError>(|connection| Ok(ends.load(connection)?)).expect("they are read");
    assert_eq!(ends, [end; LICENCES], "each is one term longer");
}

#[apply(on_each_database)]
fn after_kill_9_between_charge_and_record_each_term_is_charged_once(#[case] database: Database) {
    let bank = Bank::open();
    let portal = &database.portal_with_stripe(&bank.url);
    let end = prepare(portal);
    let alone = Alone::of(portal);
    for round in 1..=2 {
        bank.hold();
        let mut process = Process::start(bank.serve(&alone.url.to_string()));
        // The bank has charged them, and nobody has heard so.
        bank.wait_for(AT_ONCE);
        process.kill();
        bank.let_go();
        assert_eq!(paid(&alone.db()), 0, "nothing of it was stored");
        assert!((AT_ONCE..=AT_ONCE * round).contains(&bank.taken().len()), "{:?}", bank.taken());
        alone.forget_claims(portal);
    }
    assert_each_is_charged_once(&bank, portal, &alone, end);
}

#[apply(on_each_database)]
fn after_kill_9_in_the_middle_of_the_record_or_after_it_each_term_is_charged_once(#[case] database: Database) {
    let bank = Bank::open();
    let portal = &database.portal_with_stripe(&bank.url);
    let end = prepare(portal);
    let alone = Alone::of(portal);
    // The first comes after the settlement, in another transaction, which says that the job is done.
    for (point, when, are_stored) in
        [("DELETE ON jobs", "OLD.kind = 'orders.renew'", true), ("INSERT ON invoices", "1 = 1", false)]
    {
        let before = paid(&alone.db());
        let mut stall = Stall::before(&alone.url, point, when);
        let mut process = Process::start(bank.serve(&alone.url.to_string()));
        stall.wait();
        process.kill();
        stall.end();
        assert_eq!(paid(&alone.db()) > before, are_stored, "{point}");
        assert!(bank.taken().len() > before, "the bank has charged them");
        alone.forget_claims(portal);
    }
    assert_each_is_charged_once(&bank, portal, &alone, end);
}
