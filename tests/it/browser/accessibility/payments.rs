//! The payment method of an Organization, and the page of the sandbox on which it is kept.

use chrono::Duration;
use portico::licences::terms::Term;

use super::axe::Inspector;
use crate::support::{Persona, Portal, acme};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn keeping_and_removing_a_payment_method_is_accessible() {
    let portal = Portal::on_sqlite();
    portal.licence(Term::Yearly, 5);
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/plans/payment-method"), "Payment method");
    page.profile.press("Add payment method");
    page.inspect("Keep a payment method");
    page.profile.press("Decline");
    page.profile.sees("The card was declined. Choose another one, or go back.");
    page.inspect("Keep a payment method");
    page.profile.press("Abandon");
    page.profile.arrives_at("Payment method");
    page.profile.press("Add payment method");
    page.profile.arrives_at("Keep a payment method");
    page.profile.double_click(&page.profile.button("Keep"));
    page.profile.sees("Visa ending in 4242 is kept.");
    page.inspect("Payment method");
    // Back, as somebody does who is not sure: nothing can be done there twice.
    page.profile.back();
    page.profile.sees("Nothing can be kept here any more.");
    page.inspect("Keep a payment method");
    page.open(&acme("/plans/payment-method/remove"), "Remove payment method");
    page.profile.press("Remove");
    page.profile.sees("Removed. Nothing is charged any more while nobody is there.");
    page.open(&format!("/sandbox/checkout/{}", portal.checkout()), "Pay CHF 1,290.00");
    portal.later(Duration::hours(25));
    page.open(&format!("/sandbox/checkout/{}", portal.checkout()), "Pay CHF 1,290.00");
    page.finish();
}
