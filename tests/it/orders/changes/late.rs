//! Money that comes when its change cannot be made any more: it goes back by itself, once, and what cannot go back is kept.

use std::sync::Arc;

use chrono::Duration;
use diesel::prelude::*;
use portico::background;
use portico::db::DbError;
use portico::jobs::{JobContext, Queue, Runner};
use portico::licences::terms::Term;
use portico::orders::changes::prepare::Wanted;
use portico::orders::giving_back::GiveBack;
use portico::orders::order::Order;
use portico::orders::payment::{self, Payment};
use portico::orders::refund::{Refund, Status};
use portico::orders::settle::Settle;
use portico::orders::too_late::given_back;
use portico::payments::forget::QUEUE;
use portico::schema::{refunds, sandbox_refunds};
use rstest::rstest;
use rstest_reuse::apply;

use super::{PRICE, upgrade};
use crate::orders::paid;
use crate::support::till::{Say, Till};
use crate::support::{Persona, Portal, acme, all_at_once, on_both};

/// An order for more seats whose licence has another plan by now, and the page on which it can still be paid.
fn overtaken(portal: &Portal) -> (Order, String) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let first = portal.changed(&licence, Wanted::Seats { more: 3 }, "one");
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.post(&acme(&format!("/plans/orders/{}/pay", first.id)), &[]).location().to_owned();
    let second = portal.changed(&licence, upgrade("mapper-plus"), "two");
    assert!(matches!(portal.pay(&second), Settle::Settled(_)));
    (first, page)
}

/// The same, after it was paid and its visitor has come back: what they are told.
fn paid_too_late(portal: &Portal) -> (Order, String) {
    let (order, page) = overtaken(portal);
    let owner = portal.signed_in(Persona::Owner);
    let back = owner.post(&page, &[("act", "pay"), ("card", "good")]).location().to_owned();
    let told = owner.follow(owner.get(&back)).text();
    (order, told)
}

fn work(portal: &Portal) {
    background::runner(&portal.app).run_due().expect("the jobs run");
}

fn unmatched(portal: &Portal) -> Vec<Payment> {
    portal.app.db.read(|connection| payment::unmatched(connection, 10)).expect("they are read")
}

fn refund(portal: &Portal) -> Refund {
    portal.query(|connection| refunds::table.select(Refund::as_select()).first(connection))
}

fn given_by_the_sandbox(portal: &Portal) -> Vec<i64> {
    portal.query(|connection| sandbox_refunds::table.select(sandbox_refunds::amount).load(connection))
}

fn mails_about_it(portal: &Portal) -> usize {
    let mails = portal.mails_to(&Persona::Owner.email());
    mails.iter().filter(|mail| mail.subject == "Your payment of CHF 8,723.67 is given back").count()
}

#[apply(on_both)]
fn it_goes_back_once_and_whoever_paid_is_told(#[case] portal: &Portal) {
    let (order, told) = paid_too_late(portal);
    assert!(told.contains("came too late"), "{told}");
    assert_eq!(unmatched(portal).len(), 1);
    let actions = portal.recorded_actions(|| work(portal));
    assert!(actions.contains(&"payment.given.back".to_owned()), "{actions:?}");
    assert_eq!(given_by_the_sandbox(portal), [order.bill.total]);
    assert_eq!((unmatched(portal), mails_about_it(portal)), (vec![], 1));
    let page = portal.signed_in(Persona::Owner).get(&acme(&format!("/plans/orders/{}", order.id))).text();
    assert!(page.contains("CHF 8,723.67 arrived when nothing was owed any more."), "{page}");
    assert!(page.contains("Given back") && !page.contains("Nothing was charged"), "{page}");
    // Told once more, and worked on once more, it is the same money.
    let first = &portal.payments_of(&order)[0];
    let money = paid(first.provider_payment.as_deref().expect("its name"), order.bill.total, order.bill.currency);
    assert_eq!(portal.settle(&first.id, &money), Settle::Unmatched);
    let refund = refund(portal);
    let again = all_at_once(8, |_| portal.app.write_now::<_, DbError>(|tx| given_back(tx, &refund, "sbx_other")));
    assert!(again.into_iter().all(|outcome| outcome.is_ok()));
    portal.later(Duration::hours(1));
    work(portal);
    assert_eq!((given_by_the_sandbox(portal).len(), mails_about_it(portal)), (1, 1));
}

/// Eight processes hear of the same refund at once.
#[apply(on_both)]
fn eight_who_give_it_back_at_once_do_so_once(#[case] portal: &Portal) {
    let (order, _) = paid_too_late(portal);
    let refund = refund(portal);
    let actions = portal.recorded_actions(|| {
        let outcomes = all_at_once(8, |_| portal.app.write_now::<_, DbError>(|tx| given_back(tx, &refund, "sbx_1")));
        assert!(outcomes.into_iter().all(|outcome| outcome.is_ok()));
    });
    assert_eq!(actions, ["payment.given.back"]);
    assert_eq!(mails_about_it(portal), 1);
    assert_eq!(portal.order_now(&order).refunded, 0, "nothing was bought, so nothing of it is refunded");
}

#[apply(on_both)]
fn a_provider_that_is_away_is_asked_again_and_gives_back_once(#[case] portal: &Portal) {
    let (order, _) = paid_too_late(portal);
    let till = Till::default();
    till.usually(Say::Away);
    let context = JobContext { db: portal.app.db.clone(), transactions: portal.app.context.clone() };
    let work_with = |till: &Till| {
        let queue = Queue::new(QUEUE, 1, vec![Box::new(GiveBack { provider: Arc::new(till.clone()) })]);
        Runner::new(context.clone(), vec![queue]).run_due().expect("the jobs run")
    };
    work_with(&till);
    assert_eq!((refund(portal).status, unmatched(portal).len(), mails_about_it(portal)), (Status::Asked, 1, 0));
    portal.later(Duration::minutes(10));
    work(portal);
    assert_eq!((refund(portal).status, unmatched(portal).len(), mails_about_it(portal)), (Status::Done, 0, 1));
    assert_eq!(given_by_the_sandbox(portal), [order.bill.total]);
}

#[apply(on_both)]
fn what_the_provider_does_not_give_back_stays_for_an_operator(#[case] portal: &Portal) {
    let (order, _) = overtaken(portal);
    let payment = portal.payments_of(&order).remove(0);
    // The provider knows no such payment.
    let money = paid("of nobody", order.bill.total, order.bill.currency);
    assert_eq!(portal.settle(&payment.id, &money), Settle::Unmatched);
    work(portal);
    let refund = refund(portal);
    assert_eq!((refund.status, refund.failure.is_empty()), (Status::Refused, false));
    let kept = unmatched(portal);
    assert_eq!((kept.len(), kept[0].arrived.as_str()), (1, "CHF 8,723.67"));
    portal.later(Duration::days(1));
    work(portal);
    assert_eq!((unmatched(portal).len(), mails_about_it(portal)), (1, 0));
    let page = portal.signed_in(Persona::Owner).get(&acme(&format!("/plans/orders/{}", order.id))).text();
    assert!(page.contains("Being looked at"), "{page}");
}
