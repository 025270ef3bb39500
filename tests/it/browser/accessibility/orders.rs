//! The checkout, the list of orders and the page of one.

use super::axe::Inspector;
use crate::orders::{package, plan, with_key};
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_orders_are_accessible() {
    let portal = Portal::on_sqlite();
    portal.shop();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/plans/orders"), "Orders");
    page.open(&acme("/plans/shop/mapper/buy/mapper-yearly"), "Checkout");
    page.profile.fill("Coupon (optional)", "SPRING 72");
    page.profile.press("Apply");
    page.profile.sees("No coupon has this code.");
    page.inspect("Checkout");
    page.open(&acme("/plans/shop/mapper/buy/mapper-trial"), "Start trial");
    page.open(&acme("/credits/buy"), "Buy credits");
    page.open(&acme("/credits/buy/credits-100"), "Checkout");
    let paid = portal.order(&plan("mapper-yearly", 3));
    portal.pay(&paid);
    let pending = portal.order(&with_key("other", package("credits-100")));
    page.open(&acme("/plans/orders"), "Orders");
    page.open(&acme(&format!("/plans/orders/{}", paid.id)), "Order O-2026-000001");
    page.open(&acme(&format!("/plans/orders/{}", pending.id)), "Order O-2026-000002");
    page.profile.press("End order");
    page.profile.sees("The order was ended.");
    page.inspect("Order O-2026-000002");
    page.finish();
}
