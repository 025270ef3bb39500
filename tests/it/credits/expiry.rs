//! Grants that end: when, by whom, and only once.

use chrono::{DateTime, Duration, Utc};
use portico::app::App;
use portico::credits::entry::Kind;
use portico::credits::expiry::{ExpireGrants, expire};
use portico::credits::spend::Spend;
use portico::jobs::{JobContext, Queue, Runner};
use rstest::rstest;
use rstest_reuse::apply;

use super::Given;
use crate::support::{Portal, at_once, on_both, start_of_time};

/// Does what is due of this work, and of no other.
fn run(app: &App) -> usize {
    let context = JobContext { db: app.db.clone(), transactions: app.context.clone() };
    let queue = Queue::new("upkeep", 1, vec![Box::new(ExpireGrants)]);
    Runner::new(context, vec![queue]).run_due().expect("the job is done")
}

/// Moves the clock to a moment.
fn go_to(portal: &Portal, moment: DateTime<Utc>) {
    portal.later(moment - portal.app.now().to_utc());
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

#[apply(on_both)]
fn a_grant_is_good_until_its_end_and_not_from_then_on(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "until-december").until("2026-12-01T00:00:00Z"));
    go_to(portal, moment("2026-12-01T00:00:00Z") - Duration::microseconds(1));
    run(&portal.app);
    assert!(matches!(portal.spend(1, "in-time"), Spend::Spent(_)));
    portal.later(Duration::microseconds(1));
    assert_eq!(portal.spend(1, "too-late"), Spend::TooFew { balance: 0 }, "whether the job has run or not");
    assert_eq!(portal.amounts(), [10, -1, -9]);
    assert_eq!(
        portal.ledger().pop().map(|row| (row.kind, row.reference)),
        Some((Kind::Expiry, "until-december expiry 3".to_owned()))
    );
    assert_eq!(portal.spend(1, "in-time-again"), Spend::TooFew { balance: 0 });
}

/// A spend of more than there is, where a part of it has ended, must not leave the ended part in the balance.
#[apply(on_both)]
fn what_has_ended_is_not_spent_with_the_rest(#[case] portal: &Portal) {
    portal.grant(Given::new(10, "ends").until("2026-12-01T00:00:00Z"));
    portal.grant(Given::new(10, "stays"));
    go_to(portal, moment("2026-12-01T00:00:00Z"));
    assert_eq!(portal.spend(11, "too-many"), Spend::TooFew { balance: 10 });
    assert!(matches!(portal.spend(10, "enough"), Spend::Spent(row) if row.balance_after == 0));
    portal.assert_ledgers_agree();
}

/// With a leap day, both changes of clocks in Europe, three days without anybody to do the work, and a clock that is set back.
#[apply(on_both)]
fn over_a_year_each_grant_expires_once_and_on_time(#[case] portal: &Portal) {
    let ends = [
        "2026-12-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        "2027-01-31T00:00:00Z",
        "2027-03-01T00:00:00Z",
        "2027-03-28T01:00:00Z",
        "2027-06-30T00:00:00Z",
        "2027-10-31T01:00:00Z",
        "2028-01-01T00:00:00Z",
        "2028-02-29T00:00:00Z",
        "2028-03-01T00:00:00Z",
    ];
    for (number, end) in ends.iter().enumerate() {
        portal.grant(Given::new(1 << number, &format!("grant-{number}")).until(end));
    }
    run(&portal.app);
    let all: i64 = (1 << ends.len()) - 1;
    assert_eq!(portal.balance(), all);
    let mut left = all;
    for (number, end) in ends.iter().enumerate() {
        let end = moment(end);
        go_to(portal, end - Duration::seconds(1));
        run(&portal.app);
        assert_eq!(portal.balance(), left, "a second before {end}");
        go_to(portal, if number == 5 { end + Duration::days(3) } else { end + Duration::minutes(1) });
        assert_eq!(run(&portal.app), 1, "{end}");
        left -= 1 << number;
        assert_eq!(portal.balance(), left, "after {end}");
        if number == 6 {
            portal.later(-Duration::hours(1));
            run(&portal.app);
            assert_eq!(portal.balance(), left, "what has ended does not come back with the hour");
        }
    }
    assert!(portal.app.now().to_utc() - start_of_time() > Duration::days(365 + 31));
    assert_eq!(portal.ledger().iter().filter(|row| row.kind == Kind::Expiry).count(), ends.len());
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn several_processes_expire_a_grant_once(#[case] portal: &Portal) {
    let second = portal.second_server();
    for number in 0..30 {
        portal.grant(Given::new(3, &format!("grant-{number}")).until("2026-12-01T00:00:00Z"));
    }
    portal.later(Duration::days(30));
    let organization = portal.organization_id();
    let (one, other) = at_once(
        || portal.app.write_now(|tx| expire(tx, &organization)).expect("an answer"),
        || second.app.write_now(|tx| expire(tx, &organization)).expect("an answer"),
    );
    assert_eq!((one + other, portal.balance()), (90, 0));
    assert_eq!(portal.ledger().iter().filter(|row| row.kind == Kind::Expiry).count(), 30);
    let before = portal.ledger();
    assert_eq!(portal.app.write_now(|tx| expire(tx, &organization)).expect("an answer"), 0);
    run(&second.app);
    assert_eq!(portal.ledger(), before);
    portal.assert_ledgers_agree();
}

/// One that cannot be written must not keep the others from it.
#[apply(on_both)]
fn a_ledger_that_cannot_be_written_does_not_keep_the_others_from_it(#[case] portal: &Portal) {
    let elsewhere = portal.scope_of("otto@example.com", "elsewhere").membership.organization_id;
    portal.grant(Given::new(3, "ours").until("2026-12-01T00:00:00Z"));
    let given = Given::new(4, "theirs").until("2026-11-25T00:00:00Z");
    portal.app.write_now(|tx| super::grant_in(tx, &elsewhere, given)).expect("it is granted");
    let spoil = "UPDATE credit_wallets SET balance = 0 WHERE organization_id <> (SELECT id FROM organizations WHERE slug = 'acme')";
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            use diesel::RunQueryDsl;
            Ok(diesel::sql_query(spoil).execute(tx.connection)?)
        })
        .expect("it is spoiled");
    portal.later(Duration::days(30));
    run(&portal.app);
    assert_eq!(portal.balance(), 0, "ours has expired");
    let errors: Vec<String> = portal.query(|connection| {
        use diesel::prelude::*;
        use portico::schema::jobs;
        jobs::table.filter(jobs::kind.eq("credits.expire")).select(jobs::last_error).load(connection)
    });
    assert!(errors.len() == 1 && errors[0].contains(elsewhere.as_str()), "{errors:?}");
}

/// Nor must one with very many grants that have ended: it is asked for once, and the others have their turn in the same try.
#[apply(on_both)]
fn many_ended_grants_of_a_spoiled_ledger_do_not_keep_the_others_waiting(#[case] portal: &Portal) {
    let elsewhere = portal.scope_of("otto@example.com", "elsewhere").membership.organization_id;
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            for number in 0..150 {
                let name = format!("theirs-{number}");
                super::grant_in(tx, &elsewhere, Given::new(4, &name).until("2026-11-25T00:00:00Z"))?;
            }
            use diesel::prelude::*;
            use portico::schema::credit_wallets;
            let theirs = credit_wallets::table.filter(credit_wallets::organization_id.eq(&elsewhere));
            diesel::update(theirs).set(credit_wallets::balance.eq(0)).execute(tx.connection)?;
            Ok(())
        })
        .expect("they are granted, and spoiled");
    portal.grant(Given::new(3, "ours").until("2026-12-01T00:00:00Z"));
    portal.later(Duration::days(30));
    assert_eq!(run(&portal.app), 1);
    assert_eq!(portal.balance(), 0, "ours has expired in the first try");
}

/// Very many grants that ended while nobody did the work: no transaction books all of them, and each is right before they are.
#[apply(on_both)]
fn a_spend_is_right_while_very_many_grants_wait_to_expire(#[case] portal: &Portal) {
    const MANY: i64 = 1_200;
    let organization = portal.organization_id();
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| {
            for number in 0..MANY {
                let name = format!("ends-{number}");
                super::grant_in(tx, &organization, Given::new(2, &name).until("2026-12-01T00:00:00Z"))?;
            }
            Ok(())
        })
        .expect("they are granted");
    portal.grant(Given::new(10, "stays"));
    go_to(portal, moment("2026-12-01T00:00:00Z"));
    assert_eq!(portal.spend(11, "too-many"), Spend::TooFew { balance: 10 });
    let booked = portal.ledger().iter().filter(|row| row.kind == Kind::Expiry).count() as i64;
    assert!(0 < booked && booked < MANY, "{booked} in one transaction");
    assert!(matches!(portal.spend(10, "enough"), Spend::Spent(_)));
    let reversed = portal.reverse("enough");
    assert!(
        matches!(reversed, portico::credits::reverse::Reverse::Reversed { expired: 0, balance: 10, .. }),
        "{reversed:?}"
    );
    assert_eq!(
        portal.reverse("ends-1199"),
        portico::credits::reverse::Reverse::NothingLeft(
            portal.ledger().into_iter().find(|row| row.reference == "ends-1199").expect("it is there")
        )
    );
    run(&portal.app);
    assert_eq!(portal.balance(), 10);
    assert_eq!(portal.ledger().iter().filter(|row| row.kind == Kind::Expiry).count() as i64, MANY);
    portal.assert_ledgers_agree();
}
