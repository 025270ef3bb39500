//! Coupons: what they take off, for whom and for what, and how often.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Scope;
use portico::db::DbError;
use portico::money::{Currency, Money};
use portico::orders::coupons::NoDiscount;
use portico::orders::ending;
use portico::orders::order::{Order, Status};
use portico::orders::place::{Place, Refusal};
use portico::orders::settle::Settle;
use portico::rates::{Limit, Rate};
use portico::schema::coupon_uses;
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, paid, plan, with_coupon, with_key};
use crate::catalogue::{file_with, import_text};
use crate::support::{Database, Persona, Portal, on_both, on_each_database};

const COUPONS: &str = r#"
[coupons.HALF]
percent = 50
products = ["mapper"]
uses = 2
uses_per_customer = 1

[coupons.FIFTY]
amount = { CHF = 50.00 }
minimum = { CHF = 100.00 }

[coupons.GIFT]
percent = 100

[coupons.SPRING27]"#;

fn shop(portal: &Portal) {
    portal.shop_with(&[("[coupons.SPRING27]", COUPONS)]);
}

fn end(portal: &Portal, order: &Order) {
    let scope = portal.scope(Persona::Owner);
    portal.app.write_now::<_, DbError>(|tx| ending::end(tx, &scope, &order.id)).expect("it ends");
}

pub fn uses(portal: &Portal) -> i64 {
    portal.query(|connection| coupon_uses::table.count().get_result(connection))
}

#[apply(on_both)]
fn a_coupon_takes_off_a_part_or_an_amount(#[case] portal: &Portal) {
    shop(portal);
    for (coupon, asked, discount, total) in [
        ("SPRING27", plan("mapper-yearly", 1), 26_900, 261_710),
        (" spring 27 ", plan("mapper-yearly", 2), 53_800, 523_420),
        ("half", plan("mapper-yearly", 1), 134_500, 145_395),
        ("FIFTY", plan("cloud-monthly", 1), 5_000, 9_621),
    ] {
        let order = portal.order(&with_key(coupon, with_coupon(coupon, asked)));
        let off = order.bill.discount.as_ref().expect("a discount");
        assert_eq!((off.amount, order.bill.total), (discount, total), "{coupon}");
        assert_eq!(order.coupon.as_ref(), Some(&off.code));
    }
    assert_eq!(uses(portal), 4);
    let gift = portal.order(&with_key("gift", with_coupon("GIFT", package("credits-100"))));
    assert_eq!(
        (gift.bill.total, gift.status, portal.credits()),
        (0, Status::Paid, 100),
        "it costs nothing, so it is settled"
    );
}

#[apply(on_both)]
fn what_a_coupon_is_not_for_is_said(#[case] portal: &Portal) {
    shop(portal);
    let minimum = Money { minor: 10_000, currency: Currency::Chf };
    for (coupon, asked, reason) in [
        ("NOSUCH", plan("mapper-yearly", 1), NoDiscount::Unknown),
        ("half", plan("cloud-monthly", 1), NoDiscount::NotForThis),
        ("HALF", package("credits-100"), NoDiscount::NotForThis),
        ("HALF", plan("mapper-trial", 1), NoDiscount::NotForThis),
        ("FIFTY", package("credits-100"), NoDiscount::BelowMinimum { minimum }),
    ] {
        assert_eq!(portal.refused(&with_coupon(coupon, asked)), Refusal::Coupon(reason), "{coupon}");
    }
    // Its last day is 30 June 2027.
    let spring = with_coupon("SPRING27", plan("mapper-yearly", 1));
    portal.later(Duration::days(219));
    assert_eq!(portal.app.now().day().to_string(), "2027-06-30");
    portal.order(&spring);
    portal.later(Duration::days(1));
    assert_eq!(portal.refused(&with_key("late", spring)), Refusal::Coupon(NoDiscount::Expired));
    import_text(portal, &file_with(&[])).expect("no faults");
    assert_eq!(
        portal.refused(&with_key("gone", with_coupon("GIFT", package("credits-100")))),
        Refusal::Coupon(NoDiscount::Unknown)
    );
}

#[apply(on_both)]
fn a_use_is_held_while_the_order_is_pending_and_counted_once_it_is_paid(#[case] portal: &Portal) {
    shop(portal);
    let half = with_coupon("HALF", plan("mapper-yearly", 1));
    let order = portal.order(&half);
    assert_eq!(portal.refused(&with_key("2", half.clone())), Refusal::Coupon(NoDiscount::UsedByCustomer));
    end(portal, &order);
    assert_eq!(uses(portal), 0);
    let again = portal.order(&with_key("3", half.clone()));
    assert!(matches!(portal.pay(&again), Settle::Settled(_)));
    assert_eq!(portal.refused(&with_key("4", half.clone())), Refusal::Coupon(NoDiscount::UsedByCustomer));
    let elsewhere = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    assert!(matches!(portal.order_as(&elsewhere, &half), Place::Placed(_)), "the second use is for another customer");
    assert_eq!(uses(portal), 2);
    let third: Scope = {
        let browser = portal.signed_in(Persona::Outsider);
        let made = [("form_key", "k"), ("kind", "individual"), ("name", "Third"), ("country", "CH")];
        assert_eq!(browser.post("/organizations/new", &made).status, 303);
        portal.complete_details();
        portal.scope_of(&Persona::Outsider.email(), "third")
    };
    assert_eq!(portal.order_as(&third, &half), Place::Refused(Refusal::Coupon(NoDiscount::UsedUp)));
}

#[apply(on_both)]
fn who_pays_after_the_end_pays_what_was_said_and_the_use_counts_again(#[case] portal: &Portal) {
    shop(portal);
    let order = portal.order(&with_coupon("HALF", plan("mapper-yearly", 1)));
    let payment = portal.payment(&order).id;
    end(portal, &order);
    assert_eq!(uses(portal), 0);
    assert!(matches!(portal.settle(&payment, &paid("pi_1", 145_395, Currency::Chf)), Settle::Settled(_)));
    assert_eq!(uses(portal), 1);
}

#[apply(on_each_database)]
fn guesses_are_limited_and_a_right_code_is_no_exception(#[case] database: Database) {
    let portal = database.portal_with(|config| {
        config.limits = config.limits.clone().with(Limit::CouponGuessesAccount, Rate::new(3, 60));
    });
    shop(&portal);
    let guess = |code: &str| portal.refused(&with_coupon(code, plan("mapper-yearly", 1)));
    for number in 0..3 {
        assert_eq!(guess(&format!("GUESS{number}")), Refusal::Coupon(NoDiscount::Unknown));
    }
    assert!(matches!(guess("GUESS4"), Refusal::TooOften(_)));
    assert!(matches!(guess("HALF"), Refusal::TooOften(_)));
    portal.order(&plan("mapper-yearly", 1));
    portal.later(Duration::hours(1));
    portal.order(&with_key("later", with_coupon("HALF", plan("mapper-yearly", 1))));
}
