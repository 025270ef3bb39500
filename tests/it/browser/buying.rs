//! Buying in a browser: a licence with a coupon, credits, a declined card, giving up and coming back, pressing twice, going back.

use diesel::prelude::*;
use portico::schema::{orders, sandbox_payments};

use crate::support::{Persona, Portal, Profile, acme};

impl Portal {
    /// What was paid for each order.
    fn paid_orders(&self) -> Vec<i64> {
        let paid = orders::table.filter(orders::status.eq("paid")).order(orders::id).select(orders::total);
        self.query(|connection| paid.load(connection))
    }
}

fn shopper(portal: &Portal) -> Profile {
    portal.shop();
    let browser = Profile::open(portal);
    browser.sign_in(Persona::Owner);
    browser
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn a_licence_is_bought_with_a_coupon() {
    let portal = Portal::on_sqlite();
    let browser = shopper(&portal);
    browser.open_page(&acme("/plans/shop/mapper"));
    browser.press("Buy Now");
    browser.arrives_at("Checkout");
    browser.fill("Coupon (optional)", "spring 27");
    browser.press("Apply");
    browser.sees("Coupon SPRING27");
    browser.press("Pay CHF 2,617.10");
    browser.arrives_at("Pay CHF 2,617.10");
    browser.press("Pay");
    browser.sees("Thank you: Acme has Mapper, Yearly now.");
    browser.back();
    browser.back();
    // Whatever is pressed on a page of before, there is one order.
    browser.open_page(&acme("/plans/orders"));
    browser.sees("O-2026-000001");
    assert!(!browser.shows("O-2026-000002"));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn credits_are_bought_after_a_declined_card_and_an_order_that_was_left() {
    let portal = Portal::on_sqlite();
    let browser = shopper(&portal);
    browser.open_page(&acme("/credits"));
    browser.press("Buy credits");
    browser.arrives_at("Buy credits");
    browser.press("Buy credits");
    browser.arrives_at("Checkout");
    browser.press("Pay CHF 107.02");
    browser.arrives_at("Pay CHF 107.02");
    browser.press("Decline");
    browser.sees("Choose another one, or go back.");
    browser.press("Abandon");
    browser.arrives_at("Order O-2026-000001");
    browser.press("Pay CHF 107.02");
    browser.arrives_at("Pay CHF 107.02");
    browser.press("Pay");
    browser.sees("Thank you: Acme has 100 credits now.");
    assert_eq!(portal.credits(), 100);
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn pressing_twice_and_going_back_after_paying_buy_once() {
    let portal = Portal::on_sqlite();
    let browser = shopper(&portal);
    browser.open_page(&acme("/plans/shop/mapper"));
    browser.press("Buy Now");
    browser.arrives_at("Checkout");
    let pay = browser.button("Pay CHF 2,907.89");
    browser.double_click(&pay);
    browser.arrives_at("Pay CHF 2,907.89");
    browser.press("Pay");
    browser.arrives_at("Order O-2026-000001");
    browser.back();
    browser.back();
    browser.arrives_at("Checkout");
    browser.press("Pay CHF 2,907.89");
    browser.arrives_at("Order O-2026-000001");
    browser.open_page(&acme("/plans/orders"));
    assert!(!browser.shows("O-2026-000002"));
    assert_eq!(portal.credits(), 100);
    let paid: i64 = portal.query(|connection| sandbox_payments::table.count().get_result(connection));
    assert_eq!((paid, portal.paid_orders()), (1, vec![290_789]), "what the provider took, and what was ordered");
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn without_javascript_all_of_it_works_too() {
    let portal = Portal::on_sqlite();
    portal.shop();
    let browser = Profile::without_javascript(&portal);
    browser.sign_in(Persona::Owner);
    browser.open_page(&acme("/plans/shop/mapper"));
    browser.press("Buy Now");
    browser.fill("Quantity", "2");
    browser.fill("Coupon (optional)", "SPRING27");
    browser.press("Apply");
    browser.sees("Coupon SPRING27");
    browser.press("Pay CHF 5,234.20");
    browser.arrives_at("Pay CHF 5,234.20");
    browser.press("Pay");
    browser.sees("Thank you: Acme has 2 × Mapper, Yearly now.");
    assert_eq!(portal.paid_orders(), [523_420]);
}
