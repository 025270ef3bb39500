//! Granting, spending and reversing: what comes of each, and who paid for what.

use diesel::prelude::*;
use portico::credits::entry::{Kind, Source};
use portico::credits::grant::Grant;
use portico::credits::reverse::Reverse;
use portico::credits::spend::Spend;
use portico::db::DbError;
use portico::schema::{credit_entries, credit_grants, credit_parts};
use rstest::rstest;
use rstest_reuse::apply;

use super::{Given, at};
use crate::support::{
    Portal, on_both,
    state::{assert_unchanged, state},
};

/// What is left of each grant, by its reference, oldest first.
fn rests(portal: &Portal) -> Vec<(String, i64)> {
    portal.query(|connection| {
        credit_grants::table
            .inner_join(credit_entries::table)
            .order(credit_grants::number)
            .select((credit_entries::reference, credit_grants::remaining))
            .load(connection)
    })
}

/// From which grants a row took how much, by the references of the grants in their order.
fn parts(portal: &Portal, reference: &str) -> Vec<(String, i64)> {
    diesel::alias!(credit_entries as grants: Grants);
    portal.query(|connection| {
        credit_parts::table
            .inner_join(credit_entries::table.on(credit_entries::id.eq(credit_parts::entry_id)))
            .inner_join(grants.on(grants.field(credit_entries::id).eq(credit_parts::grant_id)))
            .filter(credit_entries::reference.eq(reference))
            .order(grants.field(credit_entries::number))
            .select((grants.field(credit_entries::reference), credit_parts::amount))
            .load(connection)
    })
}

fn named(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(name, credits)| ((*name).to_owned(), *credits)).collect()
}

#[apply(on_both)]
fn each_row_says_what_happened_and_what_the_balance_was_after_it(#[case] portal: &Portal) {
    assert_eq!(portal.spend(1, "too-early"), Spend::TooFew { balance: 0 });
    let recorded = portal.recorded(|| {
        assert!(matches!(portal.grant(Given::new(100, "welcome")), Grant::Granted(_)));
        assert!(matches!(portal.spend(30, "job-1"), Spend::Spent(_)));
        assert!(matches!(portal.reverse("job-1"), Reverse::Reversed { expired: 0, balance: 100, .. }));
        assert!(matches!(portal.reverse("welcome"), Reverse::Reversed { balance: 0, .. }));
    });
    let rows: Vec<_> = portal
        .ledger()
        .into_iter()
        .map(|row| (row.number, row.kind, row.source, row.amount, row.balance_after, row.reference, row.actor_name))
        .collect();
    let (ada, cloud) = ("Operator (ada)".to_owned(), "Cloud processing".to_owned());
    let row = |number, kind, source, amount, after, reference: &str, who: &String| {
        (number, kind, source, amount, after, reference.to_owned(), who.clone())
    };
    assert_eq!(
        rows,
        [
            row(1, Kind::Grant, Some(Source::Operator), 100, 100, "welcome", &ada),
            row(2, Kind::Spend, None, -30, 70, "job-1", &cloud),
            row(3, Kind::Reversal, None, 30, 100, "job-1 reversal", &ada),
            row(4, Kind::Reversal, None, -100, 0, "welcome reversal", &ada),
        ]
    );
    let actions: Vec<&str> = recorded.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["credits.granted", "credits.reversed", "credits.reversed", "credits.spent"]);
    let organization = portal.organization_id().to_string();
    assert!(recorded.iter().all(|row| row.organization.as_deref() == Some(organization.as_str())));
    assert_eq!(recorded[3].before, r#"{"balance":100}"#);
    assert!(recorded[3].after.contains(r#""amount":-30"#) && recorded[3].actor_name == cloud, "{recorded:?}");
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn nothing_is_overdrawn_and_a_refusal_changes_nothing(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ten"));
    let before = state(portal);
    assert_eq!(portal.spend(11, "job-1"), Spend::TooFew { balance: 10 });
    assert_eq!(portal.reverse("job-1"), Reverse::Unknown);
    assert_eq!(portal.grant(Given::new(5, "past").until("2026-11-23T09:30:00Z")), Grant::EndsInThePast);
    assert_unchanged(&before, &state(portal), "what was refused");
    assert!(matches!(portal.spend(10, "job-1"), Spend::Spent(row) if row.balance_after == 0));
    assert_eq!(portal.spend(1, "job-2"), Spend::TooFew { balance: 0 });
}

#[apply(on_both)]
fn the_same_reference_answers_the_same_row_and_another_amount_is_refused(#[case] portal: &Portal) {
    let Grant::Granted(granted) = portal.grant(Given::new(100, "welcome")) else { panic!("it is granted") };
    let Spend::Spent(spent) = portal.spend(30, "job-1") else { panic!("it is spent") };
    let before = state(portal);
    assert_eq!(portal.grant(Given::new(100, "welcome")), Grant::Already(granted.clone()));
    assert_eq!(portal.spend(30, "job-1"), Spend::Already(spent.clone()));
    assert_eq!(portal.grant(Given::new(99, "welcome")), Grant::OtherWithReference(granted.clone()));
    let bought = Given::new(100, "welcome").from(Source::Purchase);
    assert_eq!(portal.grant(bought), Grant::OtherWithReference(granted.clone()));
    assert_eq!(portal.spend(31, "job-1"), Spend::OtherWithReference(spent.clone()));
    assert_eq!(portal.spend(100, "welcome"), Spend::OtherWithReference(granted));
    assert_eq!(portal.grant(Given::new(30, "job-1")), Grant::OtherWithReference(spent));
    assert_unchanged(&before, &state(portal), "the same again");
    let Reverse::Reversed { entry, .. } = portal.reverse("job-1") else { panic!("it is reversed") };
    let before = state(portal);
    assert_eq!(portal.reverse("job-1"), Reverse::Already(entry.clone()));
    assert_eq!(portal.reverse("job-1 reversal"), Reverse::NotReversible(entry.clone()));
    let said = "what was reversed is not spent again by its name, and is not paid";
    assert_eq!(portal.spend(30, "job-1"), Spend::Reversed(entry), "{said}");
    assert!(matches!(portal.spend(31, "job-1"), Spend::OtherWithReference(_)));
    assert_unchanged(&before, &state(portal), "the same again");
}

/// The same reference in another Organization is another one.
#[apply(on_both)]
fn references_and_wallets_belong_to_one_organization(#[case] portal: &Portal) {
    portal.grant(Given::new(100, "welcome"));
    let elsewhere = portal.scope_of("otto@example.com", "elsewhere").membership.organization_id;
    let theirs = portal.app.write_now(|tx| super::grant_in(tx, &elsewhere, Given::new(7, "welcome"))).unwrap();
    assert!(matches!(theirs, Grant::Granted(row) if row.number == 1));
    let reversed = portal.app.write_now(|tx| super::reverse_in(tx, &elsewhere, "job-1")).unwrap();
    assert_eq!((reversed, portal.balance()), (Reverse::Unknown, 100));
}

#[apply(on_both)]
fn what_ends_soonest_is_spent_first_then_what_was_granted_then_what_is_oldest(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "bought").from(Source::Purchase));
    portal.grant(Given::new(10, "given"));
    portal.grant(Given::new(10, "given-later").from(Source::Voucher));
    portal.grant(Given::new(10, "ends-late").until("2028-02-29T00:00:00Z"));
    portal.grant(Given::new(10, "bought-ends-soon").from(Source::Purchase).until("2026-12-01T00:00:00Z"));
    portal.grant(Given::new(10, "ends-soon").from(Source::Plan).until("2026-12-01T00:00:00Z"));
    portal.spend(5, "job-1");
    assert_eq!(parts(portal, "job-1"), named(&[("ends-soon", -5)]));
    portal.spend(26, "job-2");
    let all = [("given", -1), ("ends-late", -10), ("bought-ends-soon", -10), ("ends-soon", -5)];
    assert_eq!(parts(portal, "job-2"), named(&all));
    portal.spend(29, "job-3");
    assert_eq!(parts(portal, "job-3"), named(&[("bought", -10), ("given", -9), ("given-later", -10)]));
    assert!(rests(portal).iter().all(|(_, left)| *left == 0) && portal.balance() == 0);
    portal.reverse("job-2");
    let back = all.map(|(grant, taken)| (grant, -taken));
    assert_eq!(parts(portal, "job-2 reversal"), named(&back), "to where it came from");
    assert_eq!(portal.balance(), 26);
    portal.assert_ledgers_agree();
}

/// More than are read at a time.
#[apply(on_both)]
fn a_spend_takes_from_as_many_grants_as_it_needs(#[case] portal: &Portal) {
    for number in 0..40 {
        portal.grant(Given::new(2, &format!("small-{number}")));
    }
    assert!(matches!(portal.spend(79, "job-1"), Spend::Spent(row) if row.balance_after == 1));
    assert_eq!(parts(portal, "job-1").len(), 40);
    assert_eq!(rests(portal).last(), Some(&("small-39".to_owned(), 1)));
    assert!(matches!(portal.reverse("job-1"), Reverse::Reversed { balance: 80, .. }));
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn what_comes_back_to_a_grant_that_has_ended_expires_at_once(#[case] portal: &Portal) {
    portal.grant(Given::new(20, "ends").until("2026-11-24T00:00:00Z"));
    portal.grant(Given::new(20, "stays"));
    portal.spend(30, "job-1");
    assert_eq!(at("2026-11-24T00:00:00Z") - at("2026-11-23T09:30:00Z"), chrono::Duration::minutes(14 * 60 + 30));
    portal.later(chrono::Duration::minutes(14 * 60 + 30));
    assert!(matches!(portal.reverse("job-1"), Reverse::Reversed { expired: 20, balance: 20, .. }));
    assert_eq!(portal.amounts(), [20, 20, -30, 30, -20]);
    let last = portal.ledger().pop().unwrap();
    assert_eq!(
        (last.kind, last.reference.as_str(), last.actor_name.as_str()),
        (Kind::Expiry, "ends expiry 5", "Portico")
    );
    assert_eq!(rests(portal), named(&[("ends", 0), ("stays", 20)]));
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn of_a_grant_what_is_left_is_taken_back_and_what_comes_back_to_it_is_gone(#[case] portal: &Portal) {
    portal.grant(Given::new(500, "mistaken"));
    portal.spend(60, "job-1");
    assert!(matches!(portal.reverse("mistaken"), Reverse::Reversed { entry, balance: 0, .. } if entry.amount == -440));
    assert!(matches!(portal.reverse("job-1"), Reverse::Reversed { expired: 60, balance: 0, .. }));
    portal.grant(Given::new(5, "used"));
    portal.spend(5, "job-2");
    assert!(matches!(portal.reverse("used"), Reverse::NothingLeft(_)));
    assert_eq!(portal.amounts(), [500, -60, -440, 60, -60, 5, -5]);
    portal.assert_ledgers_agree();
}

/// Clocks of several processes differ: the moments of rows follow their numbers, unless a clock is plainly wrong.
#[apply(on_both)]
fn rows_in_their_order_have_moments_in_that_order(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "first"));
    portal.later(chrono::Duration::seconds(-20));
    portal.spend(1, "skewed");
    portal.later(chrono::Duration::days(-1));
    portal.spend(1, "wrong");
    let rows = portal.ledger();
    assert_eq!(rows[1].at, rows[0].at);
    assert!(rows[2].at < rows[1].at);
}

#[apply(on_both)]
fn the_database_itself_refuses_what_the_rules_rule_out(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ten"));
    let refused = |sql: &str| {
        let outcome = portal.app.write_now::<usize, DbError>(|tx| Ok(diesel::sql_query(sql).execute(tx.connection)?));
        assert!(outcome.is_err(), "{sql}");
    };
    refused("UPDATE credit_wallets SET balance = -1");
    refused("UPDATE credit_entries SET amount = 0");
    refused("UPDATE credit_entries SET balance_after = -1");
    refused("UPDATE credit_entries SET kind = 'gift'");
    refused("UPDATE credit_entries SET source = NULL");
    refused("UPDATE credit_grants SET remaining = -1");
    refused("UPDATE credit_grants SET remaining = 0");
    let copy = |changed: &str| {
        format!(
            "INSERT INTO credit_entries (id, organization_id, number, at, kind, source, amount, balance_after, reference, \
             actor_name, note) SELECT 'crd_x', organization_id, {changed}, actor_name, note FROM credit_entries"
        )
    };
    refused(&copy("number, at, kind, source, amount, balance_after, 'other'"));
    refused(&copy("2, at, kind, source, amount, balance_after, reference"));
}

#[apply(on_both)]
fn a_ledger_that_disagrees_is_found(#[case] portal: &Portal) {
    use portico::credits::check::{What, disagreements};
    portal.grant(Given::new(10, "ten"));
    portal.spend(4, "job-1");
    portal.assert_ledgers_agree();
    for (sql, expected) in [
        ("UPDATE credit_wallets SET balance = 7", vec![(What::Balance, 7, 6)]),
        ("UPDATE credit_wallets SET entries = 3", vec![(What::Entries, 3, 2)]),
        (
            "UPDATE credit_entries SET balance_after = 9 WHERE number = 1",
            vec![(What::BalanceAfter, 9, 10), (What::BalanceAfter, 6, 5)],
        ),
        ("UPDATE credit_grants SET remaining = 5", vec![(What::Remaining, 5, 6)]),
        ("UPDATE credit_parts SET amount = -3", vec![(What::Remaining, 6, 7), (What::Parts, -4, -3)]),
    ] {
        let found = portal
            .app
            .write_now::<_, DbError>(|tx| {
                let mut found = None;
                let changed = tx.savepoint(|connection| {
                    diesel::sql_query(sql).execute(connection)?;
                    found = Some(disagreements(connection));
                    Err::<(), _>(diesel::result::Error::RollbackTransaction)
                });
                assert!(changed.is_err());
                found.expect("it was looked")
            })
            .expect("the ledgers are read");
        let mut found: Vec<_> = found.into_iter().map(|one| (one.what, one.kept, one.counted)).collect();
        found.sort_by_key(|(_, kept, _)| -kept);
        let mut expected = expected;
        expected.sort_by_key(|(_, kept, _)| -kept);
        assert_eq!(found, expected, "{sql}");
    }
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn an_end_beyond_every_calendar_is_none(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "far").until("+10000-01-01T00:00:00Z"));
    assert!(matches!(portal.spend(10, "job-1"), Spend::Spent(row) if row.balance_after == 0));
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn a_grant_with_another_end_is_another_grant(#[case] portal: &Portal) {
    let given = Given::new(100, "welcome").until("2027-01-01T00:00:00Z");
    let Grant::Granted(granted) = portal.grant(given) else { panic!("it is granted") };
    assert_eq!(portal.grant(given), Grant::Already(granted.clone()));
    assert_eq!(portal.grant(given.until("2027-02-01T00:00:00Z")), Grant::OtherWithReference(granted.clone()));
    assert_eq!(portal.grant(Given::new(100, "welcome")), Grant::OtherWithReference(granted));
    let Reverse::Reversed { entry, .. } = portal.reverse("welcome") else { panic!("it is reversed") };
    assert_eq!(portal.grant(given), Grant::Reversed(entry));
    assert_eq!((portal.amounts(), portal.balance()), (vec![100, -100], 0));
}
