//! Changes and terms whose money is given back whole: the licence is what it was before, unless something came after.

use chrono::Duration;
use diesel::prelude::*;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::status::Status;
use portico::licences::terms::Term;
use portico::orders::changes::prepare::Wanted;
use portico::orders::order::Order;
use portico::orders::refund::{Ask, ask, finish};
use portico::orders::settle::Settle;
use portico::orders::taking_back::Taken;
use portico::schema::{licences, orders};
use rstest::rstest;
use rstest_reuse::apply;

use super::{PRICE, upgrade};
use crate::renewals::{Desk, sold};
use crate::support::{Persona, Portal, all_at_once, on_both};

/// Gives so much of an order back, or all of it, and says what was taken back by that.
fn give_back(portal: &Portal, order: &Order, amount: Option<i64>) -> Taken {
    let given = portal.app.write_now::<_, DbError>(|tx| {
        let operator = portal.operator();
        let Ask::Asked { refund, .. } = ask(tx, &operator, &order.number, amount)? else { panic!("{order:?}") };
        Ok(finish(tx, &operator, &refund, "re_1")?.expect("it is stored once").taken)
    });
    given.expect("it is given back")
}

/// Has 50 credits come with each term of a licence.
fn with_credits(portal: &Portal, licence: &LicenceId) {
    portal.rewrite(|connection| {
        diesel::update(licences::table.find(licence)).set(licences::credits.eq(50)).execute(connection)
    });
}

fn paid_change(portal: &Portal, licence: &LicenceId, wanted: Wanted, key: &str) -> Order {
    let order = portal.changed(licence, wanted, key);
    assert!(matches!(portal.pay(&order), Settle::Settled(_)));
    order
}

#[apply(on_both)]
fn a_term_is_taken_back_with_its_credits_and_can_be_bought_again(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    with_credits(portal, &licence);
    let before = portal.licence_row(&licence);
    let order = paid_change(portal, &licence, Wanted::Renewal, "one");
    assert_eq!(portal.credits(), 50);
    portal.spend(20, "job-1");
    assert_eq!(give_back(portal, &order, Some(100)), Taken::Nothing, "a part is money alone");
    assert!(portal.licence_row(&licence).ends_at > before.ends_at);
    let actions = portal.recorded_actions(|| {
        assert_eq!(give_back(portal, &order, None), Taken::Change { credits: 30 });
    });
    assert_eq!(actions, ["credits.reversed", "invoice.credited", "licence.change.undone", "order.refunded"]);
    let now = portal.licence_row(&licence);
    assert_eq!((now.ends_at, now.renewal_day), (before.ends_at, before.renewal_day));
    assert!(now.cancelled_at.is_some(), "nobody is charged for that term by themselves");
    assert_eq!(now.status(portal.app.now(), Duration::days(14)), Status::CancellationPending);
    // Resumed and bought again, it comes whole.
    let owner = portal.scope(Persona::Owner);
    let resumed =
        portal.app.write_now::<_, DbError>(|tx| portico::licences::cancellation::resume(tx, &owner, &licence));
    resumed.expect("it is resumed");
    paid_change(portal, &licence, Wanted::Renewal, "two");
    assert!(portal.licence_row(&licence).ends_at > before.ends_at);
    assert_eq!(portal.credits(), 50);
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn what_a_term_was_followed_by_stays_and_money_goes_alone(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let first = paid_change(portal, &licence, Wanted::Renewal, "one");
    // The next one can be had once that has begun.
    portal.later(Duration::days(370));
    let second = paid_change(portal, &licence, Wanted::Renewal, "two");
    let ends_at = portal.licence_row(&licence).ends_at;
    assert_eq!(give_back(portal, &first, None), Taken::ChangedSince);
    assert_eq!((portal.licence_row(&licence).ends_at, portal.licence_row(&licence).cancelled_at), (ends_at, None));
    assert_eq!(portal.order_now(&first).refunded, first.bill.total);
    assert_eq!(give_back(portal, &second, None), Taken::Change { credits: 0 });
    assert!(portal.licence_row(&licence).ends_at < ends_at);
}

#[apply(on_both)]
fn seats_plans_and_support_go_back_as_long_as_they_can(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let before = portal.licence_row(&licence);
    let same = |what: &str| {
        let now = portal.licence_row(&licence);
        assert_eq!(
            (
                now.seats,
                now.quantity,
                &now.plan,
                &now.plan_key,
                now.price(),
                &now.includes,
                now.ends_at,
                now.cancelled_at
            ),
            (
                before.seats,
                before.quantity,
                &before.plan,
                &before.plan_key,
                before.price(),
                &before.includes,
                before.ends_at,
                None
            ),
            "{what}"
        );
    };
    let more = paid_change(portal, &licence, Wanted::Seats { more: 3 }, "one");
    assert_eq!(give_back(portal, &more, None), Taken::Change { credits: 0 });
    same("seats");
    let plus = paid_change(portal, &licence, upgrade("mapper-plus"), "two");
    assert_eq!(portal.licence_row(&licence).plan, "Plus");
    portal.later(Duration::days(30));
    assert_eq!(give_back(portal, &plus, None), Taken::Change { credits: 0 });
    same("plan");
    // Three sit on what would be two.
    let more = paid_change(portal, &licence, Wanted::Seats { more: 1 }, "three");
    for persona in [Persona::Editor, Persona::Manager, Persona::Owner] {
        portal.occupy(&licence, persona);
    }
    assert_eq!(give_back(portal, &more, None), Taken::InUse { seats: 2, used: 3 });
    assert_eq!(portal.licence_row(&licence).seats, 3);
    let perpetual = portal.bought(Term::Perpetual, 1, 469_000);
    let support = paid_change(portal, &perpetual, Wanted::Support, "four");
    assert_eq!(give_back(portal, &support, None), Taken::Change { credits: 0 });
    let row = portal.licence_row(&perpetual);
    assert_eq!((row.support_until, row.cancelled_at), (None, None));
}

/// What was charged by itself is taken back alike, is not charged again, and is once the licence is resumed.
#[apply(on_both)]
fn a_renewal_that_was_charged_is_not_charged_again_before_it_is_resumed(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.go_to("2028-02-24T09:00:00Z");
    desk.pass(1, Duration::hours(1));
    assert_eq!(desk.end_of(&licence), "2028-04-01 00:00");
    let number: String = portal.query(|connection| orders::table.select(orders::number).first(connection));
    let order = portal.app.db.read(|connection| portico::orders::order::numbered(connection, &number));
    let order = order.expect("it is read").expect("it is there");
    assert_eq!(give_back(portal, &order, None), Taken::Change { credits: 50 });
    assert_eq!(desk.end_of(&licence), "2028-03-01 00:00");
    desk.pass(5, Duration::hours(12));
    assert_eq!((desk.till.paid().len(), desk.end_of(&licence).as_str()), (1, "2028-03-01 00:00"));
    let owner = portal.scope(Persona::Owner);
    let resumed =
        portal.app.write_now::<_, DbError>(|tx| portico::licences::cancellation::resume(tx, &owner, &licence));
    resumed.expect("it is resumed");
    desk.pass(2, Duration::hours(1));
    assert_eq!((desk.till.paid().len(), desk.end_of(&licence).as_str()), (2, "2028-04-01 00:00"));
}

/// Eight hear at once that the provider gave it back.
#[apply(on_both)]
fn it_is_taken_back_once(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let order = paid_change(portal, &licence, Wanted::Seats { more: 3 }, "one");
    let operator = portal.operator();
    let asked = portal.app.write_now::<_, DbError>(|tx| ask(tx, &operator, &order.number, None));
    let Ok(Ask::Asked { refund, .. }) = asked else { panic!("{asked:?}") };
    let finished = all_at_once(8, |_| {
        portal.app.write_now::<_, DbError>(|tx| finish(tx, &operator, &refund, "re_1")).expect("an answer")
    });
    assert_eq!(finished.iter().flatten().count(), 1);
    assert_eq!((portal.licence_row(&licence).seats, portal.order_now(&order).refunded), (2, order.bill.total));
}
