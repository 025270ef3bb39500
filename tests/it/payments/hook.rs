//! Events of Stripe at `/hooks/stripe`: what is believed, and what becomes of it when it comes twice, late, or in the wrong order.

use chrono::Duration;
use portico::guard::Guard;
use portico::ids::PaymentId;
use portico::payments::provider::{Event, EventError, Forged, News, Provider};
use portico::payments::stripe::Stripe;
use portico::routes::{RouteInfo, Table, table};
use portico::time::Timestamp;
use portico::web::OriginPolicy;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::support::stripe::{Scripted, WEBHOOK_SECRET, account, sign};
use crate::support::{Answer, Database, Persona, Portal, acme};

fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": 1_795_000_000, "livemode": false,
        "pending_webhooks": 1, "type": kind, "data": { "object": object },
    })
    .to_string()
}

fn intent(payment: &PaymentId, more: &Value) -> Value {
    let mut metadata = json!({ "payment": payment.as_str() });
    for (key, value) in more.as_object().expect("an object") {
        metadata[key] = value.clone();
    }
    json!({ "id": "pi_1", "object": "payment_intent", "amount": 129_000, "currency": "chf", "status": "succeeded", "metadata": metadata })
}

fn page(payment: Option<&PaymentId>, mode: &str) -> Value {
    let metadata = payment.map_or(json!({}), |payment| json!({ "payment": payment.as_str() }));
    json!({ "id": "cs_test_1", "object": "checkout.session", "mode": mode, "metadata": metadata })
}

/// What Stripe answers about the page by now.
fn paid_page() -> Scripted {
    Scripted::start(|_| {
        let card = json!({ "brand": "visa", "last4": "4242", "exp_year": 2029, "exp_month": 12 });
        let card = json!({ "id": "pm_1", "type": "card", "card": card });
        let intent = json!({
            "id": "pi_1", "amount": 129_000, "currency": "chf", "status": "succeeded",
            "setup_future_usage": "off_session", "payment_method": card,
        });
        let page = json!({
            "id": "cs_test_1", "mode": "payment", "status": "complete", "payment_status": "paid", "customer": "cus_1",
            "url": null, "payment_intent": intent, "setup_intent": { "id": "seti_1", "payment_method": card },
        });
        (200, page.to_string())
    })
}

fn read(stripe: &Stripe, body: &str, now: Timestamp) -> Result<Event, EventError> {
    stripe.read_event(&sign(WEBHOOK_SECRET, body, now), body.as_bytes(), now)
}

fn post(portal: &Portal, body: &str, signature: &str) -> Answer {
    let headers = [("Content-Type", "application/json"), ("Stripe-Signature", signature)];
    portal.browser().send(Method::POST, "/hooks/stripe", &headers, body.as_bytes().to_vec())
}

#[test]
fn an_event_says_what_has_become_of_our_payment() {
    let portal = Portal::on_sqlite();
    let now = portal.app.now();
    let server = paid_page();
    let stripe = Stripe::new(account(&server.url));
    let payment = PaymentId::new(now);
    let news = |kind: &str, object: Value| read(&stripe, &event("evt_1", kind, &object), now).expect("an event").news;
    let News::Paid { payment: told, paid } = news("checkout.session.completed", page(Some(&payment), "payment")) else {
        panic!("it was paid")
    };
    assert_eq!((&told, paid.provider_payment.as_str(), paid.amount.minor), (&payment, "pi_1", 129_000));
    assert_eq!(paid.method.expect("it is kept").id, "pm_1");
    let News::MethodKept { session, method } = news("checkout.session.completed", page(None, "setup")) else {
        panic!("it was kept")
    };
    assert_eq!((session.as_str(), method.customer.as_str()), ("cs_test_1", "cus_1"));
    let ended = News::Ended { payment: payment.clone() };
    assert_eq!(news("checkout.session.expired", page(Some(&payment), "payment")), ended);
    let News::Paid { payment: told, .. } = news("payment_intent.succeeded", intent(&payment, &json!({}))) else {
        panic!("it was charged")
    };
    assert_eq!(told, payment);
    // The page tells it, with what was kept: told before, that would be missed.
    assert_eq!(news("payment_intent.succeeded", intent(&payment, &json!({ "checkout": "yes" }))), News::Other);
    let mut failed = intent(&payment, &json!({}));
    failed["last_payment_error"] =
        json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds" });
    let reason = "The card has insufficient funds.".to_owned();
    assert_eq!(news("payment_intent.payment_failed", failed), News::Declined { payment, reason });
    // What is not ours, and what nobody asked for.
    assert_eq!(
        news(
            "payment_intent.succeeded",
            json!({ "id": "pi_2", "amount": 1, "currency": "chf", "status": "succeeded" })
        ),
        News::Other
    );
    assert_eq!(news("checkout.session.completed", page(None, "payment")), News::Other);
    assert_eq!(news("customer.created", json!({ "id": "cus_1" })), News::Other);
}

#[test]
fn an_old_event_tells_how_it_is_now() {
    // It says that the page was completed; by now it is told to be open, as one may be that was not paid at once.
    let server =
        Scripted::start(|_| (200, json!({ "id": "cs_test_1", "status": "open", "url": "https://x.test" }).to_string()));
    let portal = Portal::on_sqlite();
    let (now, stripe) = (portal.app.now(), Stripe::new(account(&server.url)));
    let body = event("evt_1", "checkout.session.completed", &page(Some(&PaymentId::new(now)), "payment"));
    assert_eq!(read(&stripe, &body, now).expect("an event").news, News::Other);
}

#[test]
fn what_is_forged_changed_or_hours_old_is_not_believed() {
    let portal = Portal::on_sqlite();
    let (now, stripe) = (portal.app.now(), Stripe::new(account("http://127.0.0.1:1")));
    let body = event("evt_1", "customer.created", &json!({ "id": "cus_1" }));
    let believed = Event { id: "evt_1".to_owned(), news: News::Other };
    for secret in [WEBHOOK_SECRET, "whsec_of_before"] {
        assert_eq!(stripe.read_event(&sign(secret, &body, now), body.as_bytes(), now), Ok(believed.clone()));
    }
    let refused = |header: &str, body: &str, now, why| {
        assert_eq!(stripe.read_event(header, body.as_bytes(), now), Err(EventError::Forged(why)), "{header}");
    };
    let header = sign(WEBHOOK_SECRET, &body, now);
    refused("", &body, now, Forged::Signature);
    refused(&sign("whsec_of_somebody", &body, now), &body, now, Forged::Signature);
    refused(&header, &body.replace("cus_1", "cus_2"), now, Forged::Signature);
    refused(&header, &body, now + Duration::hours(3), Forged::Old);
    refused(&sign(WEBHOOK_SECRET, "[]", now), "[]", now, Forged::Malformed);
    let strange = event("evt_1", "payment_intent.succeeded", &json!({ "id": 7 }));
    refused(&sign(WEBHOOK_SECRET, &strange, now), &strange, now, Forged::Malformed);
}

#[test]
fn the_hook_is_for_servers_and_there_only_with_stripe() {
    let hooks = |table: Table| table.list().into_iter().filter(|route| route.path.starts_with("/hooks"));
    assert_eq!(hooks(table(true, true)).count(), 0);
    let with: Vec<_> = hooks(table(false, false).with_hooks()).collect();
    let [RouteInfo { guard: Guard::Anonymous, origin: OriginPolicy::Signed, .. }] = &with[..] else {
        panic!("{with:?}")
    };
}

#[test]
fn the_hook_takes_what_is_signed_and_nothing_else() {
    let server = paid_page();
    let portal = Database::Sqlite.portal_with_stripe(&server.url);
    let now = portal.app.now();
    let body = event("evt_1", "customer.created", &json!({ "id": "cus_1" }));
    assert_eq!(post(&portal, &body, &sign(WEBHOOK_SECRET, &body, now)).status, 200);
    assert_eq!(post(&portal, &body, &sign(WEBHOOK_SECRET, &body, now)).status, 200, "told twice");
    for signature in ["", "t=1,v1=00", &sign("whsec_of_somebody", &body, now)] {
        assert_eq!(post(&portal, &body, signature).status, 400, "{signature}");
    }
    let header = sign(WEBHOOK_SECRET, &body, now);
    portal.later(Duration::hours(3));
    assert_eq!(post(&portal, &body, &header).status, 400, "hours old");
    let large = " ".repeat(600 * 1_024);
    assert_eq!(post(&portal, &large, &sign(WEBHOOK_SECRET, "", portal.app.now())).status, 413);
    // No other portal has such an address.
    assert_eq!(post(&Portal::on_sqlite(), &body, &header).status, 404);
}

#[test]
fn while_stripe_cannot_be_asked_it_is_told_to_come_again() {
    let portal = Database::Sqlite.portal_with_stripe("http://127.0.0.1:1");
    let now = portal.app.now();
    let body = event("evt_1", "checkout.session.completed", &page(Some(&PaymentId::new(now)), "payment"));
    assert_eq!(post(&portal, &body, &sign(WEBHOOK_SECRET, &body, now)).status, 503);
}

#[test]
fn a_method_is_kept_once_however_often_and_late_it_is_told() {
    let server = Scripted::start(|asked| {
        let card = json!({ "brand": "visa", "last4": "4242", "exp_year": 2029, "exp_month": 12 });
        let setup = json!({ "id": "seti_1", "payment_method": { "id": "pm_1", "type": "card", "card": card } });
        let is_new = asked.line == "POST /v1/checkout/sessions";
        let status = if is_new { "open" } else { "complete" };
        let page = json!({ "id": "cs_test_1", "status": status, "customer": "cus_1", "url": "https://checkout.stripe.com/c/1", "setup_intent": setup });
        (200, page.to_string())
    });
    let portal = Database::Sqlite.portal_with_stripe(&server.url);
    let browser = portal.signed_in(Persona::Owner);
    let opened = browser.post(&acme("/plans/payment-method/open"), &[]);
    assert_eq!((opened.status, opened.location()), (303, "https://checkout.stripe.com/c/1"));
    // A browser follows a form only to where the page that had it allows.
    let policy = browser.get(&acme("/plans/payment-method"));
    assert!(policy.header("content-security-policy").contains(&format!("form-action 'self' {};", server.url)));
    let body = event("evt_1", "checkout.session.completed", &page(None, "setup"));
    let tell = || post(&portal, &body, &sign(WEBHOOK_SECRET, &body, portal.app.now())).status;
    let kept = portal.recorded(|| assert_eq!((tell(), tell()), (200, 200)));
    assert_eq!(kept.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["payment.method.kept"]);
    let shown = browser.get(&acme("/plans/payment-method"));
    assert!(
        shown.text().contains("Visa ending in 4242") && shown.text().contains("by Olga Tester"),
        "{}",
        shown.text()
    );
    browser.post(&acme("/plans/payment-method/remove"), &[("method", "pm_1")]);
    assert_eq!(tell(), 200);
    assert!(browser.get(&acme("/plans/payment-method")).text().contains("No payment method"));
}
