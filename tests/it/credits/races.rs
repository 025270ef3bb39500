//! Many at the same moment: credits are spent once, references stand for one row, and sums are right.

use std::sync::Barrier;

use portico::credits::grant::Grant;
use portico::credits::reverse::Reverse;
use portico::credits::spend::Spend;
use portico::db::DbError;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Given, grant_in, reverse_in, spend_in};
use crate::support::{Portal, on_both};

const MANY: usize = 50;

/// What each of many does at once, by its number.
fn all_at_once<T: Send>(act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(MANY);
    let act = |number| {
        start.wait();
        act(number)
    };
    std::thread::scope(|threads| {
        let act = &act;
        let running: Vec<_> = (0..MANY).map(|number| threads.spawn(move || act(number))).collect();
        running.into_iter().map(|thread| thread.join().expect("it ends")).collect()
    })
}

/// Does it until the database has a connection for it: many more wait than there are.
fn until_done<T>(act: impl Fn() -> Result<T, DbError>) -> T {
    loop {
        match act() {
            Ok(outcome) => return outcome,
            Err(error) => assert!(error.is_temporary(), "{error}"),
        }
    }
}

#[apply(on_both)]
fn of_fifty_who_want_the_last_credits_one_gets_them(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "last"));
    let organization = portal.organization_id();
    let outcomes = all_at_once(|number| {
        let reference = format!("job-{number}");
        until_done(|| portal.app.write_now(|tx| spend_in(tx, &organization, 10, &reference)))
    });
    let spent = outcomes.iter().filter(|outcome| matches!(outcome, Spend::Spent(_))).count();
    let refused = outcomes.iter().filter(|outcome| matches!(outcome, Spend::TooFew { balance: 0 })).count();
    assert_eq!((spent, refused, portal.balance()), (1, MANY - 1, 0));
    assert_eq!(portal.amounts(), [10, -10]);
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn of_fifty_with_the_same_reference_one_spends(#[case] portal: &Portal) {
    portal.grant(Given::new(1_000, "plenty"));
    let organization = portal.organization_id();
    let outcomes = all_at_once(|_| until_done(|| portal.app.write_now(|tx| spend_in(tx, &organization, 3, "job-1"))));
    let rows: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Spend::Spent(row) | Spend::Already(row) => row.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(rows.iter().all(|row| *row == rows[0]), "all are answered with the same row");
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Spend::Spent(_))).count(), 1);
    assert_eq!((portal.amounts(), portal.balance()), (vec![1_000, -3], 997));
    portal.assert_ledgers_agree();
}

/// The wallet is opened by the first of them, too.
#[apply(on_both)]
fn of_fifty_with_the_same_reference_one_grants(#[case] portal: &Portal) {
    let organization = portal.organization_id();
    let outcomes = all_at_once(|_| {
        until_done(|| portal.app.write_now(|tx| grant_in(tx, &organization, Given::new(40, "welcome"))))
    });
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Grant::Granted(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Grant::Already(_))).count(), MANY - 1);
    assert_eq!(portal.amounts(), [40]);
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn of_fifty_who_reverse_a_spend_one_does(#[case] portal: &Portal) {
    portal.grant(Given::new(40, "welcome"));
    portal.spend(15, "job-1");
    let organization = portal.organization_id();
    let outcomes = all_at_once(|_| until_done(|| portal.app.write_now(|tx| reverse_in(tx, &organization, "job-1"))));
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Reverse::Reversed { .. })).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Reverse::Already(_))).count(), MANY - 1);
    assert_eq!(portal.amounts(), [40, -15, 15]);
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn all_kinds_of_changes_at_once_leave_a_ledger_that_agrees(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "first"));
    let organization = portal.organization_id();
    let outcomes = all_at_once(|number| {
        until_done(|| {
            portal.app.write_now(|tx| {
                Ok::<_, DbError>(match number % 3 {
                    0 => matches!(
                        grant_in(tx, &organization, Given::new(5, &format!("grant-{number}")))?,
                        Grant::Granted(_)
                    ),
                    1 => matches!(spend_in(tx, &organization, 9, &format!("job-{number}"))?, Spend::Spent(_)),
                    _ => matches!(
                        reverse_in(tx, &organization, &format!("job-{}", number - 1))?,
                        Reverse::Reversed { .. } | Reverse::Unknown
                    ),
                })
            })
        })
    });
    assert_eq!(outcomes.len(), MANY);
    assert_eq!(portal.balance(), portal.amounts().iter().sum::<i64>());
    portal.assert_ledgers_agree();
}

/// Who waits for the wallet sees what whoever had it has done.
#[apply(on_both)]
fn a_spend_that_overlaps_another_sees_what_it_left(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ten"));
    let organization = portal.organization_id();
    let (one, other) =
        portal.overlapping(|tx| spend_in(tx, &organization, 7, "job-1"), |tx| spend_in(tx, &organization, 7, "job-2"));
    assert!(matches!(one, Spend::Spent(_)));
    assert_eq!(other, Spend::TooFew { balance: 3 });
}
