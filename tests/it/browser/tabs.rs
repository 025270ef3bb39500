//! Two tabs that want the same last thing.

use diesel::prelude::*;
use portico::schema::{licences, orders};

use crate::accounts::home::found_many;
use crate::support::{Persona, Portal, Profile, acme};
use crate::vouchers;

/// Another Organization of the Owner.
const OTHER: &str = "/organizations/studio-001";

fn two_organizations(changes: &[(&str, &str)]) -> (Portal, Profile) {
    let portal = Portal::on_sqlite();
    portal.shop_with(changes);
    found_many(&portal, Persona::Owner, 1..2);
    portal.complete_details();
    portal.settle_in_switzerland();
    let browser = Profile::open(&portal);
    browser.sign_in(Persona::Owner);
    (portal, browser)
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn of_two_tabs_with_the_last_use_of_a_voucher_one_gets_it() {
    let (portal, browser) = two_organizations(&[]);
    let code = vouchers::code(&portal, &vouchers::licence(&portal, "mapper-yearly"));
    let look = |organization: &str| {
        browser.open_page(&format!("{organization}/plans/redeem"));
        browser.fill("Voucher code", &code);
        browser.press("Continue");
        browser.sees("This voucher is worth Mapper, Yearly");
    };
    look(&acme(""));
    let first = browser.open_tab();
    look(OTHER);
    let second = browser.go_to_tab(&first);
    browser.press("Validate");
    browser.sees("Voucher redeemed: Acme has Mapper, Yearly now.");
    browser.go_to_tab(&second);
    browser.press("Validate");
    browser.sees("This voucher has been redeemed already.");
    let all: i64 = portal.query(|connection| licences::table.count().get_result(connection));
    assert_eq!((all, portal.credits()), (1, 100));
}

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn of_two_tabs_with_the_last_use_of_a_coupon_one_gets_it() {
    let (portal, browser) = two_organizations(&[("percent = 10", "percent = 10\nuses = 1")]);
    let with_coupon = |organization: &str| {
        browser.open_page(&format!("{organization}/plans/shop/mapper/buy/mapper-yearly"));
        browser.fill("Coupon (optional)", "SPRING27");
        browser.press("Apply");
        browser.sees("Coupon SPRING27");
    };
    with_coupon(&acme(""));
    let first = browser.open_tab();
    with_coupon(OTHER);
    let second = browser.go_to_tab(&first);
    browser.press("Pay CHF 2,617.10");
    browser.arrives_at("Pay CHF 2,617.10");
    browser.go_to_tab(&second);
    browser.press("Pay CHF 2,617.10");
    browser.sees("This coupon has been used as often as it may.");
    // Without it, it costs what it costs.
    browser.fill("Coupon (optional)", "");
    browser.press("Apply");
    browser.press("Pay CHF 2,907.89");
    browser.arrives_at("Pay CHF 2,907.89");
    browser.press("Pay");
    browser.sees("has Mapper, Yearly now.");
    browser.go_to_tab(&first);
    browser.press("Pay");
    browser.sees("Thank you: Acme has Mapper, Yearly now.");
    let totals = orders::table.filter(orders::status.eq("paid")).order(orders::total).select(orders::total);
    assert_eq!(portal.query(|connection| totals.load::<i64>(connection)), [261_710, 290_789]);
}
