//! What Stripe is asked for and what becomes of its answers, against answers in the shapes that its documentation shows.

use chrono::DateTime;
use portico::ids::{OrganizationId, PaymentId};
use portico::money::{Currency, Money};
use portico::payments::provider::{
    Charge, CheckoutState, MethodPage, NewCharge, NewCheckout, NewCustomer, NewMethodPage, NewRefund, Paid, Provider,
    ProviderError,
};
use portico::payments::stripe::Stripe;
use portico::time::Timestamp;
use serde_json::{Value, json};

use crate::support::stripe::{Asked, Scripted, account};

fn now() -> Timestamp {
    Timestamp::from(DateTime::from_timestamp(1_800_000_000, 0).expect("a moment"))
}

fn scripted(answer: impl Fn(&Asked) -> (u16, Value) + Send + 'static) -> (Scripted, Stripe) {
    let server = Scripted::start(move |asked| {
        let (status, body) = answer(asked);
        (status, body.to_string())
    });
    let stripe = Stripe::new(account(&server.url));
    (server, stripe)
}

fn checkout(keeps_method: bool) -> NewCheckout {
    NewCheckout {
        payment: PaymentId::new(now()),
        organization: OrganizationId::new(now()),
        customer: "cus_1".to_owned(),
        amount: Money { minor: 210_000, currency: Currency::Jpy },
        description: "Order O-2026-000123".to_owned(),
        keeps_method,
        success_url: "https://portal.example.com/paid".to_owned(),
        cancel_url: "https://portal.example.com/back".to_owned(),
    }
}

fn charge() -> NewCharge {
    NewCharge {
        payment: PaymentId::new(now()),
        customer: "cus_1".to_owned(),
        method: "pm_1".to_owned(),
        amount: Money { minor: 129_000, currency: Currency::Chf },
        description: "Renewal".to_owned(),
    }
}

fn card() -> Value {
    let card = json!({ "brand": "amex", "last4": "0005", "exp_year": 2028, "exp_month": 2, "funding": "credit" });
    json!({ "id": "pm_1", "object": "payment_method", "type": "card", "card": card })
}

fn intent(status: &str, more: Value) -> Value {
    let mut intent = json!({
        "id": "pi_1", "object": "payment_intent", "amount": 210_000, "currency": "jpy", "status": status,
        "setup_future_usage": null, "payment_method": "pm_1", "last_payment_error": null, "metadata": {},
    });
    for (key, value) in more.as_object().expect("an object") {
        intent[key] = value.clone();
    }
    intent
}

fn session(status: &str, payment_status: &str, intent: Value) -> Value {
    json!({
        "id": "cs_test_1", "object": "checkout.session", "mode": "payment", "status": status,
        "payment_status": payment_status, "customer": "cus_1", "payment_intent": intent, "setup_intent": null,
        "url": (status == "open").then_some("https://checkout.stripe.com/c/pay/cs_test_1"),
    })
}

fn error(code: &str, decline_code: Option<&str>) -> Value {
    let kind = if code == "resource_missing" { "invalid_request_error" } else { "card_error" };
    json!({ "error": { "type": kind, "code": code, "decline_code": decline_code, "message": "…" } })
}

#[test]
fn a_page_is_asked_for_once_with_our_ids() {
    let (server, stripe) = scripted(|_| (200, session("open", "unpaid", Value::Null)));
    let new = checkout(true);
    let opened = stripe.open_checkout(&new).expect("a page");
    assert_eq!(opened.session, "cs_test_1");
    assert_eq!(opened.url, "https://checkout.stripe.com/c/pay/cs_test_1");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /v1/checkout/sessions");
    assert_eq!(asked.header("authorization"), "Bearer sk_test_of_these_tests");
    assert_eq!(asked.header("idempotency-key"), format!("checkout {}", new.payment));
    assert!(!asked.header("stripe-version").is_empty());
    let (payment, organization) = (new.payment.as_str(), new.organization.as_str());
    for (field, value) in [
        ("mode", "payment"),
        ("client_reference_id", payment),
        // The yen has no minor units, and Stripe counts it so, too.
        ("line_items[0][price_data][unit_amount]", "210000"),
        ("line_items[0][price_data][currency]", "jpy"),
        ("line_items[0][price_data][product_data][name]", "Order O-2026-000123"),
        ("payment_intent_data[setup_future_usage]", "off_session"),
        ("metadata[payment]", payment),
        ("payment_intent_data[metadata][payment]", payment),
        ("payment_intent_data[metadata][organization]", organization),
        ("customer", "cus_1"),
        ("success_url", "https://portal.example.com/paid"),
    ] {
        assert_eq!(asked.field(field).as_deref(), Some(value), "{field}");
    }
    stripe.open_checkout(&checkout(false)).expect("a page");
    let other = &server.asked()[1];
    for field in ["customer_email", "customer_creation", "payment_intent_data[setup_future_usage]"] {
        assert_eq!(other.field(field), None, "{field}");
    }
}

#[test]
fn a_customer_is_made_once_for_the_same_words() {
    let (server, stripe) = scripted(|_| (200, json!({ "id": "cus_7", "object": "customer" })));
    let email = |email: &str| NewCustomer {
        organization: OrganizationId::parse("org_01kb1b1b1be1ea1b1b1b1b1b1b").expect("an id"),
        name: "Acme".to_owned(),
        email: email.to_owned(),
    };
    for address in ["owner@example.com", "owner@example.com", "manager@example.com"] {
        assert_eq!(stripe.create_customer(&email(address)), Ok("cus_7".to_owned()));
    }
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /v1/customers");
    assert_eq!(asked[0].field("name").as_deref(), Some("Acme"));
    assert_eq!(asked[0].field("email").as_deref(), Some("owner@example.com"));
    assert_eq!(asked[0].field("metadata[organization]").as_deref(), Some("org_01kb1b1b1be1ea1b1b1b1b1b1b"));
    let key = |number: usize| asked[number].header("idempotency-key").to_owned();
    assert!(!key(0).is_empty() && key(0) == key(1) && key(1) != key(2));
}

#[test]
fn a_page_is_open_paid_or_over() {
    let kept = json!({ "setup_future_usage": "off_session", "payment_method": card() });
    let states = [
        session("open", "unpaid", Value::Null),
        session("complete", "paid", intent("succeeded", json!({ "payment_method": card() }))),
        session("complete", "paid", intent("succeeded", kept)),
        session("expired", "unpaid", Value::Null),
    ];
    let (server, stripe) = scripted(move |asked| {
        let which = asked.line.split(['/', '?']).nth(4).and_then(|id| id.parse::<usize>().ok()).unwrap_or_default();
        (200, states[which].clone())
    });
    let look = |session: &str| stripe.look(session).expect("an answer");
    let url = "https://checkout.stripe.com/c/pay/cs_test_1".to_owned();
    assert_eq!(look("0"), CheckoutState::Open { url });
    let amount = Money { minor: 210_000, currency: Currency::Jpy };
    let paid = Paid { provider_payment: "pi_1".to_owned(), amount, method: None };
    assert_eq!(look("1"), CheckoutState::Paid(paid));
    let CheckoutState::Paid(Paid { method: Some(method), .. }) = look("2") else { panic!("it is kept") };
    assert_eq!((method.customer.as_str(), method.id.as_str()), ("cus_1", "pm_1"));
    assert_eq!(method.shown.words(), "American Express ending in 0005");
    assert_eq!(method.shown.expires, Some((2028, 2)));
    assert_eq!(look("3"), CheckoutState::Ended);
    assert!(server.asked()[0].line.contains("expand%5B%5D=payment_intent.payment_method"));
    // An id from elsewhere stays a part of the path.
    stripe.look("../customers").expect("an answer");
    assert!(server.asked()[4].line.starts_with("GET /v1/checkout/sessions/%2E%2E%2Fcustomers?"));
}

#[test]
fn a_page_that_cannot_be_closed_says_how_far_it_came() {
    let (server, stripe) = scripted(|asked| match asked.line.ends_with("/expire") {
        true => (400, json!({ "error": { "type": "invalid_request_error", "message": "Only open sessions" } })),
        false => (200, session("complete", "paid", intent("succeeded", json!({})))),
    });
    assert!(matches!(stripe.close_checkout("cs_test_1"), Ok(CheckoutState::Paid(_))));
    assert_eq!(server.asked()[0].line, "POST /v1/checkout/sessions/cs_test_1/expire");
}

#[test]
fn a_method_is_kept_on_a_page_of_its_own() {
    let (server, stripe) = scripted(|asked| {
        let is_new = asked.line.starts_with("POST");
        let setup = if is_new { Value::Null } else { json!({ "id": "seti_1", "payment_method": card() }) };
        let mut page = session(if is_new { "open" } else { "complete" }, "no_payment_required", Value::Null);
        page["setup_intent"] = setup;
        (200, page)
    });
    let new = NewMethodPage {
        organization: OrganizationId::new(now()),
        customer: "cus_1".to_owned(),
        success_url: "https://portal.example.com/kept".to_owned(),
        cancel_url: "https://portal.example.com/back".to_owned(),
    };
    let page = stripe.open_method_page(&new).expect("a page");
    assert_eq!(server.asked()[0].field("mode").as_deref(), Some("setup"));
    assert_eq!(server.asked()[0].field("metadata[organization]"), Some(new.organization.to_string()));
    let Ok(MethodPage::Kept(method)) = stripe.look_at_method_page(&page.session) else { panic!("it is kept") };
    assert_eq!((method.customer.as_str(), method.id.as_str()), ("cus_1", "pm_1"));
}

#[test]
fn a_charge_is_paid_declined_or_on_its_way() {
    let reasons = [
        (error("card_declined", Some("generic_decline")), "The card was declined."),
        (error("card_declined", Some("insufficient_funds")), "The card has insufficient funds."),
        (error("expired_card", None), "The card has expired."),
        (error("resource_missing", None), "The payment method was removed."),
        (
            error("authentication_required", Some("authentication_required")),
            "The bank asks the cardholder to confirm this payment. Pay it on the payment page.",
        ),
    ];
    for (answer, reason) in reasons {
        let status = if reason.contains("removed") { 400 } else { 402 };
        let (server, stripe) = scripted(move |_| (status, answer.clone()));
        let new = charge();
        assert_eq!(stripe.charge(&new), Ok(Charge::Declined { reason: reason.to_owned() }));
        let asked = &server.asked()[0];
        assert_eq!(asked.header("idempotency-key"), new.payment.as_str());
        for (field, value) in [("off_session", "true"), ("confirm", "true"), ("amount", "129000"), ("currency", "chf")]
        {
            assert_eq!(asked.field(field).as_deref(), Some(value), "{field}");
        }
    }
    for (status, is_declined) in [("requires_action", true), ("requires_payment_method", true), ("processing", false)] {
        let (_server, stripe) = scripted(move |_| (200, intent(status, json!({}))));
        let answer = stripe.charge(&charge()).expect("an answer");
        assert_eq!(matches!(answer, Charge::Declined { .. }), is_declined, "{status}: {answer:?}");
        assert_eq!(matches!(answer, Charge::Pending { .. }), !is_declined, "{status}: {answer:?}");
    }
}

#[test]
fn a_charge_is_found_among_those_of_its_customer() {
    let new = charge();
    let id = new.payment.to_string();
    let (server, stripe) = scripted(move |asked| {
        let others = json!({ "data": [intent("succeeded", json!({ "id": "pi_other" }))], "has_more": true });
        let own = intent("succeeded", json!({ "metadata": { "payment": id } }));
        let last = json!({ "data": [own], "has_more": false });
        (200, if asked.line.contains("starting_after=pi_other") { last } else { others })
    });
    assert!(matches!(stripe.look_at_charge(&new), Ok(Some(Charge::Paid(_)))));
    assert_eq!(server.asked()[0].line, "GET /v1/payment_intents?customer=cus_1&limit=100");
    let (_server, empty) = scripted(|_| (200, json!({ "data": [], "has_more": false })));
    assert_eq!(empty.look_at_charge(&new), Ok(None));
}

#[test]
fn what_is_given_back_is_asked_for_once() {
    let (server, stripe) = scripted(|_| (200, json!({ "id": "re_1", "status": "pending" })));
    let amount = Money { minor: 500, currency: Currency::Chf };
    let new = NewRefund { key: "rfd_1".to_owned(), provider_payment: "pi_1".to_owned(), amount };
    assert_eq!(stripe.refund(&new), Ok("re_1".to_owned()));
    let asked = &server.asked()[0];
    assert_eq!((asked.header("idempotency-key"), asked.field("amount").as_deref()), ("rfd_1", Some("500")));
    let (_server, refusing) = scripted(|_| (200, json!({ "id": "re_1", "status": "failed" })));
    assert!(matches!(refusing.refund(&new), Err(ProviderError::Refused(_))));
}

#[test]
fn what_nobody_has_any_more_is_forgotten() {
    for (status, is_forgotten) in [(200, true), (404, true), (400, true), (403, false), (500, false)] {
        let (_server, stripe) = scripted(move |_| (status, error("resource_missing", None)));
        assert_eq!(stripe.forget_method("pm_1").is_ok(), is_forgotten, "{status}");
    }
}

#[test]
fn trouble_is_told_from_a_refusal() {
    for (status, is_away) in [(500, true), (503, true), (429, true), (409, true), (401, false), (400, false)] {
        let (_server, stripe) = scripted(move |_| (status, json!({ "error": { "type": "x", "message": "no" } })));
        let why = stripe.charge(&charge()).expect_err("no answer to work with");
        assert_eq!(matches!(why, ProviderError::Away(_)), is_away, "{status}: {why}");
    }
    // A proxy in between that has its own words, an answer that breaks off, and nobody at all.
    let server = Scripted::start(|_| (200, "<html>".to_owned()));
    let stripe = |url: &str| Stripe::new(account(url));
    assert!(matches!(stripe(&server.url).look("cs_1"), Err(ProviderError::Away(_))));
    let server = Scripted::start(|_| (0, String::new()));
    assert!(matches!(stripe(&server.url).look("cs_1"), Err(ProviderError::Away(_))));
    assert!(matches!(stripe("http://127.0.0.1:1").look("cs_1"), Err(ProviderError::Away(_))));
}

#[test]
fn nobody_waits_for_a_stripe_that_says_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", silent.local_addr().expect("an address"));
    assert!(matches!(Stripe::new(account(&url)).look("cs_1"), Err(ProviderError::Away(_))));
}
