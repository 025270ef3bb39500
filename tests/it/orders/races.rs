//! Fifty at the same moment: one order for a key, one customer for the last use of a coupon, one settlement for a payment.

use diesel::prelude::*;
use portico::access::Scope;
use portico::db::DbError;
use portico::money::Currency;
use portico::orders::coupons::NoDiscount;
use portico::orders::place::{Place, Refusal};
use portico::orders::settle::Settle;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::schema::{document_numbers, licences, orders};
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, paid, plan, with_coupon};
use crate::support::{Persona, Portal, all_at_once, on_both};

const TASKS: usize = 50;

#[apply(on_both)]
fn fifty_with_one_key_place_one_order(#[case] portal: &Portal) {
    portal.shop();
    let scope = portal.scope(Persona::Owner);
    let outcomes = all_at_once(TASKS, |number| {
        // Every fifth asks for something else.
        portal.order_as(&scope, &if number % 5 == 0 { package("credits-100") } else { plan("mapper-yearly", 2) })
    });
    let count: i64 = portal.query(|connection| orders::table.count().get_result(connection));
    assert_eq!(count, 1);
    let placed = outcomes.iter().filter(|outcome| matches!(outcome, Place::Placed(_))).count();
    let others = outcomes.iter().filter(|outcome| matches!(outcome, Place::OtherWithKey(_))).count();
    assert!((placed, others) == (40, 10) || (placed, others) == (10, 40), "{placed} {others}");
    let last: i32 = portal.query(|connection| document_numbers::table.select(document_numbers::last).first(connection));
    assert_eq!(last, 1, "no number is lost");
}

#[apply(on_both)]
fn fifty_customers_fight_for_the_last_use_of_a_coupon(#[case] portal: &Portal) {
    let owners: Vec<Scope> = (0..TASKS).map(|number| another(portal, number)).collect();
    portal.shop_with(&[("[coupons.SPRING27]\npercent = 10", "[coupons.SPRING27]\npercent = 10\nuses = 2")]);
    let asked = with_coupon("SPRING27", plan("mapper-yearly", 1));
    portal.order(&asked);
    let outcomes = all_at_once(TASKS, |number| portal.order_as(&owners[number], &asked));
    let placed = outcomes.iter().filter(|outcome| matches!(outcome, Place::Placed(_))).count();
    assert_eq!(placed, 1, "{outcomes:?}");
    let used_up = Place::Refused(Refusal::Coupon(NoDiscount::UsedUp));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == used_up).count(), TASKS - 1);
    assert_eq!(super::coupons::uses(portal), 2);
}

fn another(portal: &Portal, number: usize) -> Scope {
    let owner = portal.add_user(&format!("owner-{number}@example.org"));
    let new = NewOrganization {
        kind: Kind::Individual,
        name: format!("Another {number}"),
        legal_name: String::new(),
        country: "CH".to_owned(),
        creation_key: "orders".to_owned(),
    };
    let created = portal.app.write_now(|tx| create(tx, &owner, &new)).expect("it is stored");
    let Create::Created { slug } = created else { panic!("{new:?} was not created") };
    portal.scope_of(&owner.email, &slug)
}

#[apply(on_both)]
fn fifty_tell_of_one_payment_and_it_is_settled_once(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 1));
    let payment = portal.payment(&order).id;
    let money = paid("pi_1", order.bill.total, Currency::Chf);
    let outcomes = all_at_once(TASKS, |_| portal.settle(&payment, &money));
    let settled = outcomes.iter().filter(|outcome| matches!(outcome, Settle::Settled(_))).count();
    assert_eq!(settled, 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Settle::Settled(_) | Settle::Already(_))));
    let count: i64 = portal.query(|connection| licences::table.count().get_result(connection));
    assert_eq!((count, portal.credits()), (1, 100));
}

/// A payment and the end of the order at the same moment: whichever comes first, who paid gets it.
#[apply(on_both)]
fn the_end_of_an_order_and_its_payment_at_once_leave_it_paid(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let payment = portal.payment(&order).id;
    let money = paid("pi_1", order.bill.total, Currency::Chf);
    let scope = portal.scope(Persona::Owner);
    portal.overlapping(
        |tx| portico::orders::ending::end(tx, &scope, &order.id),
        |tx| portico::orders::settle::settle(tx, &payment, &money),
    );
    assert_eq!(portal.credits(), 100);
    let again = portal.app.write_now::<_, DbError>(|tx| portico::orders::ending::end(tx, &scope, &order.id));
    assert_eq!(again.expect("an answer"), portico::orders::ending::End::Paid);
}
