//! The process dies in the middle of the transaction that settles an order: all of it is there, or nothing.

use portico::db::{Db, DbError};
use rstest::rstest;
use rstest_reuse::apply;

use super::{LICENCE, Scene, begin_to_tell, tell};
use crate::support::bank::Bank;
use crate::support::stall::Stall;
use crate::support::state::{State, load};
use crate::support::{Database, on_each_database};

/// What settling an order writes, beginning with what comes first.
const POINTS: [&str; 5] = [
    "INSERT ON provider_events",
    "INSERT ON licences",
    "INSERT ON credit_entries",
    "INSERT ON outbox",
    "INSERT ON invoices",
];

/// Everything but what a process does by itself.
fn everything(db: &Db) -> State {
    let mut state = db.read::<_, DbError>(|connection| Ok(load(connection))).expect("everything is read");
    for own in ["jobs", "rate_limits", "installation", "notification_sweeps"] {
        state.remove(own);
    }
    state
}

#[apply(on_each_database)]
fn after_kill_9_between_settlement_and_invoice_there_are_both_or_none(#[case] database: Database) {
    let scene = Scene::with(database, &[(LICENCE, "2", "SPRING27")]);
    let [order] = &scene.orders[..] else { panic!("one order") };
    let before = everything(&scene.db());
    for point in POINTS {
        let mut stall = Stall::before(&scene.alone.url, point, "1 = 1");
        let mut process = scene.start();
        let waiting = begin_to_tell(&process, order);
        stall.wait();
        process.kill();
        drop(waiting);
        stall.end();
        crate::support::state::assert_unchanged(&before, &everything(&scene.db()), point);
    }
    let process = scene.start();
    for _ in 0..2 {
        tell(&process, order);
        assert_eq!(Bank::paid(&scene.db()), 1);
        scene.bank.assert_agrees(&scene.db());
    }
}
