//! The sandbox: its page as somebody who pays sees it, and what it answers to those who ask it.

use std::sync::{Arc, Mutex};

use chrono::Duration;
use diesel::prelude::*;
use portico::background;
use portico::db::{DbError, WriteTx};
use portico::ids::PaymentId;
use portico::jobs::{JobContext, Queue, Runner};
use portico::money::{Currency, Money};
use portico::payments::forget::QUEUE;
use portico::payments::provider::{
    Charge, CheckoutState, Event, EventError, Forged, MethodPage, NewCharge, NewMethodPage, NewRefund, News, Paid,
    ProviderError, ProviderKind,
};
use portico::payments::sandbox::events::Deliver;
use portico::schema::jobs;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, all_at_once, lines::poll, new_checkout, on_both};

fn path(session: &str) -> String {
    format!("/sandbox/checkout/{session}")
}

fn press(browser: &Browser, session: &str, act: &str, card: &str) -> Answer {
    browser.post(&path(session), &[("act", act), ("card", card)])
}

fn paid(portal: &Portal, session: &str) -> Paid {
    match portal.provider().look(session) {
        Ok(CheckoutState::Paid(paid)) => paid,
        other => panic!("not paid: {other:?}"),
    }
}

/// What was received, in a place that a plain function can reach.
static RECEIVED: Mutex<Vec<(String, Event)>> = Mutex::new(Vec::new());
/// How often the next events are refused.
static REFUSALS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Notes an event under the address of its portal; takes it only when it comes again where the test said so.
fn note(tx: &mut WriteTx<'_>, kind: ProviderKind, event: &Event) -> Result<(), DbError> {
    assert_eq!(kind, ProviderKind::Sandbox);
    let portal = tx.context.links.to("");
    let mut refusals = REFUSALS.lock().expect("no test panicked");
    if let Some(at) = refusals.iter().position(|other| *other == portal) {
        refusals.remove(at);
        return Err(DbError::from(diesel::result::Error::RollbackTransaction));
    }
    RECEIVED.lock().expect("no test panicked").push((portal, event.clone()));
    Ok(())
}

/// The events of a portal so far, delivered by its jobs.
fn events(portal: &Portal) -> Vec<Event> {
    let sandbox = portal.app.sandbox().expect("the sandbox takes the payments");
    let provider = portal.app.payments.as_ref().expect("the sandbox").provider().clone();
    let context = JobContext { db: portal.app.db.clone(), transactions: portal.app.context.clone() };
    let work = Deliver { sandbox, provider, receive: note };
    Runner::new(context, vec![Queue::new(QUEUE, 1, vec![Box::new(work)])]).run_due().expect("the jobs are done");
    let own = portal.app.context.links.to("");
    let received = RECEIVED.lock().expect("no test panicked");
    received.iter().filter(|(portal, _)| *portal == own).map(|(_, event)| event.clone()).collect()
}

#[apply(on_both)]
fn somebody_pays_and_comes_back(#[case] portal: &Portal) {
    let new = new_checkout(portal);
    let checkout = portal.provider().open_checkout(&new).expect("a page");
    assert_eq!(checkout.url, path(&checkout.session));
    assert_eq!(portal.provider().look(&checkout.session), Ok(CheckoutState::Open { url: checkout.url.clone() }));
    let browser = portal.browser();
    let page = browser.get(&checkout.url);
    assert_eq!(page.status, 200);
    for words in ["Pay CHF 1,290.00", "Order O-2026-000123", "no money moves", "Abandon", "Decline"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    assert_eq!(page.html().attributes("a.button", "href"), ["/organizations/acme/plans/shop"]);
    let answer = press(&browser, &checkout.session, "pay", "good");
    assert_eq!((answer.status, answer.location()), (303, "/organizations/acme/plans"));
    let Paid { provider_payment, amount, method } = paid(portal, &checkout.session);
    assert_eq!(amount, new.amount);
    let method = method.expect("it is kept");
    assert_eq!((method.shown.brand.as_str(), method.shown.last_four.as_str()), ("Visa", "4242"));
    assert_eq!(method.shown.expires, Some((2029, 12)));
    // A double click, and the back button.
    let again = press(&browser, &checkout.session, "pay", "declined");
    assert_eq!((again.status, again.location()), (303, "/organizations/acme/plans"));
    assert!(browser.get(&checkout.url).text().contains("Nothing can be paid here any more."));
    // Asked for once more, it is the same page.
    assert_eq!(portal.provider().open_checkout(&new).expect("a page").session, checkout.session);
    let [event] = &events(portal)[..] else { panic!("one event") };
    let News::Paid { payment, paid } = &event.news else { panic!("{event:?}") };
    assert_eq!((payment, &paid.provider_payment, &paid.method), (&new.payment, &provider_payment, &Some(method)));
}

#[apply(on_both)]
fn a_declined_card_leaves_the_page_open(#[case] portal: &Portal) {
    let new = new_checkout(portal);
    let session = portal.provider().open_checkout(&new).expect("a page").session;
    let browser = portal.browser();
    for (act, card) in [("pay", "declined"), ("decline", "good")] {
        let answer = press(&browser, &session, act, card);
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("The card was declined. Choose another one, or go back."));
    }
    assert!(matches!(portal.provider().look(&session), Ok(CheckoutState::Open { .. })));
    let reason = "The card was declined.".to_owned();
    let declined = News::Declined { payment: new.payment, reason };
    assert_eq!(events(portal).into_iter().map(|event| event.news).collect::<Vec<_>>(), [declined.clone(), declined]);
    assert_eq!(press(&browser, &session, "pay", "good").status, 303);
    assert_eq!(paid(portal, &session).amount, new.amount);
}

#[apply(on_both)]
fn a_page_that_was_closed_or_forgotten_cannot_be_paid(#[case] portal: &Portal) {
    let (closed, forgotten) = (new_checkout(portal), new_checkout(portal));
    let browser = portal.browser();
    let session = portal.provider().open_checkout(&closed).expect("a page").session;
    assert_eq!(portal.provider().close_checkout(&session), Ok(CheckoutState::Ended));
    assert_eq!(press(&browser, &session, "pay", "good").status, 410);
    assert_eq!(events(portal)[0].news, News::Ended { payment: closed.payment });
    let session = portal.provider().open_checkout(&forgotten).expect("a page").session;
    portal.later(Duration::hours(24));
    assert_eq!(portal.provider().look(&session), Ok(CheckoutState::Ended));
    assert_eq!(press(&browser, &session, "pay", "good").status, 410);
    // What was paid stays paid.
    let session = portal.checkout();
    assert_eq!(press(&browser, &session, "pay", "good").status, 303);
    assert!(matches!(portal.provider().close_checkout(&session), Ok(CheckoutState::Paid(_))));
    assert_eq!(browser.get(&path("sbx_session_of_nobody")).status, 404);
    assert_eq!(press(&browser, "sbx_session_of_nobody", "pay", "good").status, 404);
    assert!(matches!(portal.provider().look("sbx_session_of_nobody"), Err(ProviderError::Refused(_))));
}

#[apply(on_both)]
fn ten_browsers_pay_one_page_once(#[case] portal: &Portal) {
    let session = portal.checkout();
    let statuses = all_at_once(10, |_| press(&portal.browser(), &session, "pay", "good").status);
    assert_eq!(statuses, vec![303; 10]);
    assert_eq!(events(portal).len(), 1);
}

#[apply(on_both)]
fn what_was_kept_is_charged_once_while_nobody_is_there(#[case] portal: &Portal) {
    let browser = portal.browser();
    for (card, outcome) in [("good", None), ("declined_later", Some("The card was declined."))] {
        let session = portal.checkout();
        assert_eq!(press(&browser, &session, "pay", card).status, 303);
        let method = paid(portal, &session).method.expect("it is kept");
        let new = charge_of(portal, &method.customer, &method.id);
        assert_eq!(portal.provider().look_at_charge(&new), Ok(None));
        let answers = all_at_once(8, |_| portal.provider().charge(&new).expect("an answer"));
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        match (&answers[0], outcome) {
            (Charge::Paid(paid), None) => assert_eq!(paid.amount, new.amount),
            (Charge::Declined { reason }, Some(expected)) => assert_eq!(reason, expected),
            other => panic!("{other:?}"),
        }
        assert_eq!(portal.provider().look_at_charge(&new), Ok(Some(answers[0].clone())));
        let other = NewCharge { amount: Money { minor: 1, currency: Currency::Chf }, ..new };
        assert!(matches!(portal.provider().charge(&other), Err(ProviderError::Refused(_))));
        // What was forgotten is not charged again, and is forgotten once more.
        for _ in 0..2 {
            portal.provider().forget_method(&method.id).expect("it is forgotten");
        }
        let after = charge_of(portal, &method.customer, &method.id);
        let reason = "The payment method was removed.".to_owned();
        assert_eq!(portal.provider().charge(&after), Ok(Charge::Declined { reason }));
    }
}

fn charge_of(portal: &Portal, customer: &str, method: &str) -> NewCharge {
    NewCharge {
        payment: PaymentId::new(portal.app.now()),
        customer: customer.to_owned(),
        method: method.to_owned(),
        amount: Money { minor: 210_000, currency: Currency::Jpy },
        description: "Renewal".to_owned(),
    }
}

#[apply(on_both)]
fn no_more_is_given_back_than_was_paid(#[case] portal: &Portal) {
    let session = portal.checkout();
    press(&portal.browser(), &session, "pay", "good");
    let payment = paid(portal, &session).provider_payment;
    let refund = |key: &str, minor: i64| {
        let amount = Money { minor, currency: Currency::Chf };
        portal.provider().refund(&NewRefund { key: key.to_owned(), provider_payment: payment.clone(), amount })
    };
    let first = refund("one", 100_000).expect("it is given back");
    assert_eq!(refund("one", 100_000), Ok(first.clone()), "asked twice");
    assert!(matches!(refund("two", 29_001), Err(ProviderError::Refused(_))));
    assert!(matches!(refund("two", 0), Err(ProviderError::Refused(_))));
    assert_ne!(refund("two", 29_000).expect("the rest"), first);
    assert!(matches!(refund("three", 1), Err(ProviderError::Refused(_))));
}

#[apply(on_both)]
fn a_method_is_kept_without_a_payment(#[case] portal: &Portal) {
    let links = &portal.app.context.links;
    let new = NewMethodPage {
        organization: portal.scope(Persona::Owner).organization_id().clone(),
        customer: "sbx_customer_of_before".to_owned(),
        success_url: links.to("/home"),
        cancel_url: links.to("/home"),
    };
    let page = portal.provider().open_method_page(&new).expect("a page");
    assert_eq!(portal.provider().look_at_method_page(&page.session), Ok(MethodPage::Open));
    let browser = portal.browser();
    assert!(browser.get(&page.url).text().contains("Keep a payment method"));
    assert_eq!(press(&browser, &page.session, "pay", "declined").status, 422);
    assert_eq!(events(portal), []);
    assert_eq!(press(&browser, &page.session, "pay", "good").status, 303);
    let Ok(MethodPage::Kept(method)) = portal.provider().look_at_method_page(&page.session) else { panic!("kept") };
    assert_eq!(method.customer, "sbx_customer_of_before");
    assert_eq!(events(portal)[0].news, News::MethodKept { session: page.session, method });
}

#[apply(on_both)]
fn events_come_again_until_they_are_taken(#[case] portal: &Portal) {
    press(&portal.browser(), &portal.checkout(), "pay", "good");
    let own = portal.app.context.links.to("");
    REFUSALS.lock().expect("no test panicked").extend([own.clone(), own]);
    assert_eq!(events(portal), []);
    portal.later(Duration::seconds(5));
    assert_eq!(events(portal), []);
    portal.later(Duration::seconds(10));
    assert_eq!(events(portal).len(), 1);
    portal.later(Duration::hours(1));
    assert_eq!(events(portal).len(), 1, "it was taken");
}

#[apply(on_both)]
fn events_are_believed_only_with_a_signature_of_just_now(#[case] portal: &Portal) {
    let sandbox = portal.app.sandbox().expect("the sandbox");
    let now = portal.app.now();
    let body = br#"{"id":"sbx_event_1","news":{"kind":"ended","reference":"nothing of ours"}}"#;
    let signature = sandbox.sign(body, now);
    let read = |signature: &str, body: &[u8], now| portal.provider().read_event(signature, body, now);
    assert_eq!(read(&signature, body, now), Ok(Event { id: "sbx_event_1".to_owned(), news: News::Other }));
    assert_eq!(read("", body, now), Err(EventError::Forged(Forged::Signature)));
    assert_eq!(read(&signature, b"{}", now), Err(EventError::Forged(Forged::Signature)));
    assert_eq!(read(&signature, body, now + Duration::hours(2)), Err(EventError::Forged(Forged::Old)));
    assert_eq!(read(&sandbox.sign(b"{}", now), b"{}", now), Err(EventError::Forged(Forged::Malformed)));
}

#[test]
fn the_jobs_of_a_portal_deliver_its_events() {
    let portal = Portal::on_sqlite();
    press(&portal.browser(), &portal.checkout(), "pay", "good");
    let runner = background::runner(&portal.app).start().expect("threads");
    let waiting = || jobs::table.filter(jobs::kind.eq("deliver sandbox event")).count();
    poll("the event is delivered", || {
        let left: i64 = portal.query(|connection| waiting().get_result(connection));
        (left == 0).then_some(())
    });
    assert!(runner.stop(std::time::Duration::from_secs(5)));
}

#[test]
fn without_anybody_who_takes_payments_there_is_no_sandbox() {
    let portal = Portal::on_sqlite();
    let session = portal.checkout();
    let other = portal.second_server_with(|config| config.payments = None);
    assert!(other.app.payments.is_none() && other.app.sandbox().is_none());
    assert_eq!(other.browser().get(&path(&session)).status, 404);
    assert_eq!(press(&other.browser(), &session, "pay", "good").status, 404);
}

#[test]
fn pages_ask_with_a_time_limit_and_on_threads_of_their_own() {
    let portal = Portal::on_sqlite();
    let session = portal.checkout();
    let payments = portal.app.payments.clone().expect("the sandbox");
    let asked = Arc::new(Mutex::new(String::new()));
    let name = Arc::clone(&asked);
    let looked = actix_web::rt::System::new().block_on(payments.ask(move |provider| {
        *name.lock().expect("nobody panicked") = std::thread::current().name().unwrap_or_default().to_owned();
        provider.look(&session)
    }));
    assert!(matches!(looked, Ok(CheckoutState::Open { .. })));
    assert_eq!(*asked.lock().expect("nobody panicked"), "payments");
}
