//! Rule 22: money arrives once, whichever way it is told, and what was bought is given once.

use chrono::Duration;
use diesel::prelude::*;
use portico::db::DbError;
use portico::ids::PaymentId;
use portico::money::Currency;
use portico::orders::ending::{self, End};
use portico::orders::events::{Receive, receive};
use portico::orders::order::Status;
use portico::orders::payment::Status as PaymentStatus;
use portico::orders::settle::Settle;
use portico::payments::provider::{Event, Method, News, Paid, ProviderKind, ShownMethod};
use portico::schema::{credit_entries, licences, payment_methods};
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, paid, plan, with_key};
use crate::support::{
    Persona, Portal, on_both,
    state::{assert_unchanged, stored},
};

#[apply(on_both)]
fn a_paid_plan_is_a_licence_with_the_credits_of_its_term(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 3));
    let payment = portal.payment(&order);
    assert_eq!(portal.payment(&order), payment, "one is open at a time");
    let recorded = portal.recorded(|| {
        let outcome = portal.settle(&payment.id, &paid("pi_1", 872_367, Currency::Chf));
        assert!(matches!(outcome, Settle::Settled(_)), "{outcome:?}");
    });
    let actions: Vec<&str> = recorded.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["credits.granted", "invoice.issued", "licence.issued", "order.paid"]);
    assert!(recorded.iter().all(|row| row.actor_name == "Olga Tester"), "who placed it");
    let order = portal.order_now(&order);
    assert_eq!((order.status, order.paid_at), (Status::Paid, Some(portal.app.now())));
    let licence = portal.licence_row(order.licence_id.as_ref().expect("a licence"));
    assert_eq!((licence.product.as_str(), licence.plan.as_str(), licence.seats), ("Mapper", "Yearly", 15));
    assert_eq!((licence.plan_key.as_deref(), licence.quantity, licence.credits), (Some("mapper-yearly"), 3, 300));
    assert_eq!(licence.unit_price().expect("a price").to_string(), "CHF 2,690.00");
    assert_eq!(licence.price().expect("a price").to_string(), "CHF 8,070.00");
    assert_eq!(portal.credits(), 300);
    // They end with the term.
    portal.later(Duration::days(366));
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            let scope = portal.scope(Persona::Owner);
            portico::licences::renewal::renew(
                tx,
                portico::audit::By::member(&scope),
                scope.organization_id(),
                &licence.id,
            )
        })
        .expect("it is renewed");
    let terms: Vec<(String, i64)> = portal.query(|connection| {
        let rows = credit_entries::table.filter(credit_entries::kind.eq("grant")).order(credit_entries::number);
        rows.select((credit_entries::source.assume_not_null(), credit_entries::amount)).load(connection)
    });
    assert_eq!(terms, [("plan".to_owned(), 300), ("plan".to_owned(), 300)]);
}

#[apply(on_both)]
fn paid_credits_are_in_the_ledger(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let payment = portal.payment(&order);
    let shown = ShownMethod { brand: "Visa".to_owned(), last_four: "4242".to_owned(), expires: None };
    let method = Method { customer: "cus_1".to_owned(), id: "pm_1".to_owned(), shown };
    let money = Paid { method: Some(method), ..paid("pi_1", order.bill.total, Currency::Chf) };
    assert!(matches!(portal.settle(&payment.id, &money), Settle::Settled(_)));
    assert_eq!(portal.credits(), 100);
    let payment = &portal.payments_of(&order)[0];
    assert_eq!((payment.status, payment.method.as_str()), (PaymentStatus::Paid, "Visa ending in 4242"));
    let kept = payment_methods::table.select((payment_methods::method, payment_methods::last_four));
    let kept: (String, String) = portal.query(|connection| kept.first(connection));
    assert_eq!(kept, ("pm_1".to_owned(), "4242".to_owned()), "for renewals and top-ups");
    let entry: (String, String) = portal.query(|connection| {
        credit_entries::table.select((credit_entries::reference, credit_entries::note)).first(connection)
    });
    assert_eq!(entry, (format!("order/{}", order.id), "Order O-2026-000001".to_owned()));
}

#[apply(on_both)]
fn money_is_taken_once_however_often_it_is_told(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let payment = portal.payment(&order).id;
    let money = paid("pi_1", order.bill.total, Currency::Chf);
    let event = |id: &str, news: News| {
        let event = Event { id: id.to_owned(), news };
        portal.app.write_now::<_, DbError>(|tx| receive(tx, ProviderKind::Sandbox, &event)).expect("it is taken")
    };
    let told = || News::Paid { payment: payment.clone(), paid: money.clone() };
    assert!(matches!(event("evt_1", told()), Receive::Settle(Settle::Settled(_))));
    let before = stored(portal);
    assert_eq!(event("evt_1", told()), Receive::Already);
    assert!(matches!(portal.settle(&payment, &money), Settle::Already(_)));
    assert_unchanged(&before, &stored(portal), "what was told again");
    // By another event, and then what came too late: settled never becomes failed.
    assert!(matches!(event("evt_2", told()), Receive::Settle(Settle::Already(_))));
    assert_eq!(event("evt_3", News::Declined { payment: payment.clone(), reason: "no".to_owned() }), Receive::Noted);
    assert_eq!(event("evt_4", News::Ended { payment: payment.clone() }), Receive::Noted);
    let payments = portal.payments_of(&order);
    assert_eq!((payments[0].status, payments[0].failure.as_str()), (PaymentStatus::Paid, ""));
    assert_eq!((portal.order_now(&order).status, portal.credits()), (Status::Paid, 100));
}

#[apply(on_both)]
fn another_amount_or_currency_settles_nothing_and_stays_visible(#[case] portal: &Portal) {
    portal.shop();
    for (number, (minor, currency)) in
        [(1, Currency::Chf), (10_701, Currency::Chf), (10_703, Currency::Chf), (10_702, Currency::Eur)]
            .into_iter()
            .enumerate()
    {
        let order = portal.order(&with_key(&number.to_string(), package("credits-100")));
        assert_eq!(order.bill.total, 10_702);
        let payment = portal.payment(&order).id;
        let money = paid(&format!("pi_{number}"), minor, currency);
        assert_eq!(
            portal.recorded_actions(|| assert_eq!(portal.settle(&payment, &money), Settle::Unmatched)),
            ["payment.unmatched"]
        );
        assert_eq!(portal.settle(&payment, &money), Settle::Unmatched, "told again");
        assert_eq!((portal.order_now(&order).status, portal.credits()), (Status::Pending, 0));
        let kept = &portal.payments_of(&order)[0];
        assert_eq!((kept.status, kept.arrived.as_str()), (PaymentStatus::Unmatched, money.amount.to_string().as_str()));
        // It can still be paid as it should.
        assert!(matches!(portal.pay(&order), Settle::Settled(_)));
        portal
            .app
            .write_now::<_, DbError>(|tx| {
                let scope = portal.scope(Persona::Owner);
                portico::credits::reverse::reverse(
                    tx,
                    portico::audit::By::member(&scope),
                    scope.organization_id(),
                    &format!("order/{}", order.id),
                )
            })
            .expect("it is reversed");
    }
}

#[apply(on_both)]
fn an_order_that_is_paid_a_second_time_gives_nothing_twice(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 1));
    let first = portal.payment(&order).id;
    let scope = portal.scope(Persona::Owner);
    // Its page at the provider ended, as far as was told, and another was opened.
    portal
        .app
        .write_now::<_, DbError>(|tx| portico::orders::payment::close(tx, &first, PaymentStatus::Ended, ""))
        .expect("it is closed");
    let second = portal.payment(&order).id;
    assert_ne!(first, second);
    assert!(matches!(portal.settle(&second, &paid("pi_2", order.bill.total, Currency::Chf)), Settle::Settled(_)));
    assert_eq!(portal.settle(&first, &paid("pi_1", order.bill.total, Currency::Chf)), Settle::Unmatched);
    let all: i64 = portal.query(|connection| licences::table.count().get_result(connection));
    assert_eq!(all, 1);
    assert_eq!(
        portal.app.write_now::<_, DbError>(|tx| ending::end(tx, &scope, &order.id)).expect("an answer"),
        End::Paid
    );
}

#[apply(on_both)]
fn money_that_arrives_after_the_end_settles_all_the_same(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let payment = portal.payment(&order).id;
    portal.later(Duration::hours(24));
    let ended = portal.app.write_now::<_, DbError>(|tx| ending::end_overdue(tx, &order.organization_id, &order.id));
    assert_eq!(ended.expect("an answer"), End::Ended);
    assert_eq!(portal.payments_of(&order)[0].status, PaymentStatus::Ended);
    let outcome = portal.settle(&payment, &paid("pi_1", order.bill.total, Currency::Chf));
    assert!(matches!(outcome, Settle::Settled(_)), "{outcome:?}");
    let order = portal.order_now(&order);
    assert_eq!((order.status, order.ended_at.is_some(), portal.credits()), (Status::Paid, true, 100));
}

#[apply(on_both)]
fn an_unknown_payment_changes_nothing(#[case] portal: &Portal) {
    portal.shop();
    let before = stored(portal);
    let unknown = PaymentId::new(portal.app.now());
    assert_eq!(portal.settle(&unknown, &paid("pi_1", 1, Currency::Chf)), Settle::Unknown);
    assert_unchanged(&before, &stored(portal), "an unknown payment");
}
