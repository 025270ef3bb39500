//! Orders that nobody pays.

use chrono::Duration;
use portico::access::Permission;
use portico::db::DbError;
use portico::ids::OrderId;
use portico::orders::ending::{End, end, end_overdue, overdue};
use portico::orders::order::Status;
use portico::orders::payment::Status as PaymentStatus;
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, with_key};
use crate::support::{Persona, Portal, on_both};

#[apply(on_both)]
fn an_order_can_be_ended_until_it_is_paid(#[case] portal: &Portal) {
    portal.shop();
    let ending = |persona: Persona, id: &OrderId| {
        let scope = portal.scope(persona);
        portal.app.write_now::<_, DbError>(|tx| end(tx, &scope, id)).expect("the transaction ends")
    };
    let order = portal.order(&package("credits-100"));
    portal.payment(&order);
    assert_eq!(ending(Persona::Editor, &order.id), End::NotAllowed(Permission::ViewOrders));
    assert_eq!(
        portal.recorded_actions(|| assert_eq!(ending(Persona::Manager, &order.id), End::Ended)),
        ["order.ended"]
    );
    assert_eq!(ending(Persona::Manager, &order.id), End::Already);
    assert_eq!(portal.order_now(&order).status, Status::Ended);
    assert_eq!(portal.payments_of(&order)[0].status, PaymentStatus::Ended);
    let paid = portal.order(&with_key("2", package("credits-100")));
    portal.pay(&paid);
    assert_eq!(ending(Persona::Owner, &paid.id), End::Paid);
    assert_eq!(ending(Persona::Owner, &OrderId::new(portal.app.now())), End::Gone);
    let elsewhere = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    let theirs = portal.app.write_now::<_, DbError>(|tx| end(tx, &elsewhere, &paid.id)).expect("the transaction ends");
    assert_eq!(theirs, End::Gone, "an order of another Organization");
}

#[apply(on_both)]
fn it_is_overdue_after_a_day(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    let due = || portal.app.db.read(|connection| overdue(connection, portal.app.now(), 10)).expect("they are read");
    portal.later(Duration::hours(24) - Duration::microseconds(1));
    assert!(due().is_empty());
    portal.later(Duration::microseconds(1));
    assert_eq!(due(), [(order.organization_id.clone(), order.id.clone())]);
    let outcome = portal.app.write_now::<_, DbError>(|tx| end_overdue(tx, &order.organization_id, &order.id));
    assert_eq!(outcome.expect("the transaction ends"), End::Ended);
    assert!(due().is_empty());
}
