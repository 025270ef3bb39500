//! Stripe over HTTP against two public programs that behave like it: see `tests/stripe/`.
//!
//! localstripe covers what is charged while nobody is there, declines, methods that are attached and detached, refunds. It knows no
//! `Idempotency-Key` and no Checkout. emulate covers the page of a Checkout, the way back from it, and events that it signs. Its events have
//! no id, are told once, and never in another order; it declines nothing. What neither covers is in `hook.rs` and `stripe.rs`.

use diesel::prelude::*;
use portico::ids::{OrganizationId, PaymentId};
use portico::money::{Currency, Money};
use portico::payments::methods;
use portico::payments::provider::{
    Charge, CheckoutState, NewCharge, NewCheckout, NewCustomer, NewRefund, Provider, ProviderError,
};
use portico::payments::stripe::Stripe;
use portico::schema::payment_customers;
use serde_json::Value;

use crate::orders::{package, with_key};
use crate::support::stripe::{Program, account, emulate, free_address, localstripe};
use crate::support::{Database, Persona, acme, new_checkout};

/// Asks localstripe for something that the portal never asks for.
fn ask(stripe: &Program, path: &str, fields: &[(&str, &str)]) -> Value {
    let request = ureq::post(format!("{}{path}", stripe.url)).header("Authorization", "Bearer sk_test_of_these_tests");
    let mut answer = request.send_form(fields.iter().copied()).expect("an answer");
    answer.body_mut().read_json().expect("an object")
}

fn look(stripe: &Program, path: &str) -> Value {
    let request = ureq::get(format!("{}{path}", stripe.url)).header("Authorization", "Bearer sk_test_of_these_tests");
    request.call().expect("an answer").body_mut().read_json().expect("an object")
}

fn text(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_else(|| panic!("{key} in {object}")).to_owned()
}

fn acme_as_customer() -> NewCustomer {
    NewCustomer {
        organization: OrganizationId::new(portico::time::Clock::System.now()),
        name: "Acme".to_owned(),
        email: "owner@example.com".to_owned(),
    }
}

/// A customer with a card, as a page would have left them.
fn kept(stripe: &Program, number: &str) -> (String, String) {
    let customer = text(&ask(stripe, "/v1/customers", &[("email", "owner@example.com")]), "id");
    let card = [
        ("type", "card"),
        ("card[number]", number),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2030"),
        ("card[cvc]", "123"),
    ];
    let method = text(&ask(stripe, "/v1/payment_methods", &card), "id");
    ask(stripe, &format!("/v1/payment_methods/{method}/attach"), &[("customer", &customer)]);
    (customer, method)
}

fn charge((customer, method): &(String, String), amount: Money) -> NewCharge {
    let now = portico::time::Clock::System.now();
    NewCharge {
        payment: PaymentId::new(now),
        customer: customer.clone(),
        method: method.clone(),
        amount,
        description: "Renewal of Mapper".to_owned(),
    }
}

#[test]
#[cfg_attr(not(has_stripe), ignore = "localstripe is not installed: tests/stripe/install")]
fn localstripe_charges_gives_back_and_forgets() {
    let fake = localstripe();
    let stripe = Stripe::new(account(&fake.url));
    let good = kept(&fake, "4242424242424242");
    let yen = Money { minor: 210_000, currency: Currency::Jpy };
    let new = charge(&good, yen);
    assert_eq!(stripe.look_at_charge(&new), Ok(None));
    let Ok(Charge::Paid(paid)) = stripe.charge(&new) else { panic!("it is paid") };
    assert_eq!((paid.amount, paid.method.clone()), (yen, None));
    assert_eq!(stripe.look_at_charge(&new), Ok(Some(Charge::Paid(paid.clone()))));
    let part = Money { minor: 10_000, currency: Currency::Jpy };
    let refund = NewRefund { key: "rfd_1".to_owned(), provider_payment: paid.provider_payment, amount: part };
    assert!(stripe.refund(&refund).expect("it is given back").starts_with("re_"));
    let unknown = NewRefund { provider_payment: "pi_of_nobody".to_owned(), ..refund };
    assert!(matches!(stripe.refund(&unknown), Err(ProviderError::Refused(_))));
    for _ in 0..2 {
        stripe.forget_method(&good.1).expect("it is forgotten");
    }
    stripe.forget_method("pm_of_nobody").expect("it is forgotten");
    let gone = charge(&(good.0, "pm_of_nobody".to_owned()), yen);
    assert!(matches!(stripe.charge(&gone), Ok(Charge::Declined { .. }) | Err(ProviderError::Refused(_))));
}

#[test]
#[cfg_attr(not(has_stripe), ignore = "localstripe is not installed: tests/stripe/install")]
fn localstripe_declines_and_asks_for_the_cardholder() {
    let fake = localstripe();
    let stripe = Stripe::new(account(&fake.url));
    let francs = Money { minor: 129_000, currency: Currency::Chf };
    for (number, words) in [("4000000000000341", "The card was declined."), ("4000002500003155", "asks the cardholder")]
    {
        let new = charge(&kept(&fake, number), francs);
        let Ok(Charge::Declined { reason }) = stripe.charge(&new) else { panic!("{number} is declined") };
        assert!(reason.contains(words), "{reason}");
        assert!(matches!(stripe.look_at_charge(&new), Ok(Some(Charge::Declined { .. }))), "{number}");
    }
}

#[test]
#[cfg_attr(not(has_stripe), ignore = "emulate is not installed: tests/stripe/install")]
fn emulate_shows_a_page_leads_back_and_tells_signed() {
    let (port, address) = free_address();
    let portal = Database::Sqlite.portal_with_stripe(&address);
    let _emulate = emulate(port, &portal);
    // It signs with the time of the machine.
    portal.keep_real_time();
    let customer = portal.provider().create_customer(&acme_as_customer()).expect("a customer");
    let new = NewCheckout { customer: customer.clone(), ..new_checkout(&portal) };
    let checkout = portal.provider().open_checkout(&new).expect("a page");
    assert_eq!(portal.provider().look(&checkout.session), Ok(CheckoutState::Open { url: checkout.url.clone() }));
    let page = ureq::get(&checkout.url).call().expect("the page").body_mut().read_to_string().expect("text");
    assert!(page.contains("Order O-2026-000123") && page.contains("1290.00"), "{page}");
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    let paid = agent.post(format!("{}/complete", checkout.url)).send_empty().expect("it is paid");
    let location = paid.headers()["location"].to_str().expect("an address");
    assert_eq!((paid.status().as_u16(), location), (302, new.success_url.as_str()));
    let Ok(CheckoutState::Paid(paid)) = portal.provider().look(&checkout.session) else { panic!("it was paid") };
    assert_eq!(paid.amount, new.amount);
    assert!(matches!(portal.provider().close_checkout(&checkout.session), Ok(CheckoutState::Paid(_))));
    let other = NewCheckout { customer, ..new_checkout(&portal) };
    let closed = portal.provider().open_checkout(&other).expect("another page").session;
    assert_eq!(portal.provider().close_checkout(&closed), Ok(CheckoutState::Ended));
}

#[test]
#[cfg_attr(not(has_stripe), ignore = "emulate is not installed: tests/stripe/install")]
fn emulate_tells_of_a_method_and_it_is_kept() {
    let (port, address) = free_address();
    let portal = Database::Sqlite.portal_with_stripe(&address);
    let _emulate = emulate(port, &portal);
    portal.keep_real_time();
    let browser = portal.signed_in(Persona::Owner);
    let opened = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!(opened.status, 303, "{}", opened.text());
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    agent.post(format!("{}/complete", opened.location())).send_empty().expect("it is kept");
    // Nobody has come back: the event was signed, believed, and taken.
    let shown = browser.get(&acme("/plans/payment-method"));
    assert!(shown.text().contains("Visa ending in 4242"), "{}", shown.text());
    let back = browser.get(&acme("/plans/payment-method/return"));
    assert!(browser.follow(back).text().contains("Visa ending in 4242 is kept."));
}

/// Who buys something keeps what it was paid with, under the name by which Stripe knows the Organization from then on.
#[test]
#[cfg_attr(not(has_stripe), ignore = "emulate is not installed: tests/stripe/install")]
fn emulate_keeps_what_was_paid_with_for_one_customer() {
    let (port, address) = free_address();
    let portal = Database::Sqlite.portal_with_stripe(&address);
    let _emulate = emulate(port, &portal);
    portal.keep_real_time();
    portal.shop();
    let browser = portal.signed_in(Persona::Owner);
    let agent: ureq::Agent = ureq::Agent::config_builder().max_redirects(0).build().into();
    let mut customers = Vec::new();
    for key in ["1", "2"] {
        let order = portal.order(&with_key(key, package("credits-100")));
        let page = acme(&format!("/plans/orders/{}", order.id));
        let opened = browser.post(&format!("{page}/pay"), &[]);
        assert_eq!(opened.status, 303, "{}", opened.text());
        agent.post(format!("{}/complete", opened.location())).send_empty().expect("it is paid");
        let back = browser.follow(browser.get(&format!("{page}/return")));
        assert!(back.text().contains("Thank you"), "{}", back.text());
        let organization = portal.organization_id();
        let kept = portal.app.db.read(|connection| methods::of(connection, &organization));
        customers.push(kept.expect("it is read").expect("it is kept").customer);
    }
    assert!(customers[0].starts_with("cus_") && customers[0] == customers[1], "{customers:?}");
    let shown = browser.get(&acme("/plans/payment-method"));
    assert!(shown.text().contains("Visa ending in 4242"), "{}", shown.text());
    let known: Vec<String> =
        portal.query(|connection| payment_customers::table.select(payment_customers::customer).load(connection));
    assert_eq!(known, [customers.remove(0)]);
}

/// localstripe has the customer that the portal made, with a name and an address.
#[test]
#[cfg_attr(not(has_stripe), ignore = "localstripe is not installed: tests/stripe/install")]
fn localstripe_has_the_customer_that_was_made() {
    let fake = localstripe();
    let new = acme_as_customer();
    let customer = Stripe::new(account(&fake.url)).create_customer(&new).expect("it is made");
    let found = look(&fake, &format!("/v1/customers/{customer}"));
    assert_eq!((text(&found, "name"), text(&found, "email")), ("Acme".to_owned(), "owner@example.com".to_owned()));
    assert_eq!(found["metadata"]["organization"], new.organization.as_str());
}
