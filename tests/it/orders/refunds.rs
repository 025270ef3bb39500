//! Money that is given back: once, with a credit note, and with the last of it what was bought.

use diesel::prelude::*;
use portico::db::DbError;
use portico::licences::status::Status;
use portico::orders::refund::{Ask, Finished, Refund, ask, finish, refuse};
use portico::orders::taking_back::Taken;
use portico::schema::invoices;
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, plan};
use crate::support::{Portal, on_both};

fn begin(portal: &Portal, number: &str, amount: Option<i64>) -> Ask {
    portal.app.write_now::<_, DbError>(|tx| ask(tx, &portal.operator(), number, amount)).expect("an answer")
}

fn begun(portal: &Portal, number: &str, amount: Option<i64>) -> Refund {
    match begin(portal, number, amount) {
        Ask::Asked { refund, .. } => *refund,
        other => panic!("{other:?}"),
    }
}

fn done(portal: &Portal, refund: &Refund) -> Option<Finished> {
    portal.app.write_now::<_, DbError>(|tx| finish(tx, &portal.operator(), refund, "re_1")).expect("an answer")
}

#[apply(on_both)]
fn a_part_is_money_alone_and_all_of_it_ends_the_licence(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 1));
    assert_eq!(begin(portal, &order.number, None), Ask::NotPaid);
    portal.pay(&order);
    let part = begun(portal, &order.number, Some(10_000));
    assert_eq!(begun(portal, &order.number, Some(5)), part, "one that was cut short is gone on with");
    let finished = done(portal, &part).expect("it is stored");
    assert_eq!((finished.taken, finished.credit_note.as_deref()), (Taken::Nothing, Some("CN-2026-000001")));
    assert_eq!(done(portal, &part), None, "it is stored once");
    let left = order.bill.total - 10_000;
    for wrong in [0, -1, left + 1] {
        assert!(matches!(begin(portal, &order.number, Some(wrong)), Ask::NotSoMuch { left: some, .. } if some == left));
    }
    let licence = portal.order_now(&order).licence_id.expect("a licence");
    assert!(portal.licence_row(&licence).is_valid_at(portal.app.now()));
    portal.later(chrono::Duration::days(1));
    let rest = begun(portal, &order.number, None);
    assert_eq!(rest.amount, left);
    let finished = done(portal, &rest).expect("it is stored");
    assert_eq!(
        (finished.taken, finished.credit_note.as_deref()),
        (Taken::Licence { credits: 100 }, Some("CN-2026-000002"))
    );
    let row = portal.licence_row(&licence);
    assert_eq!(row.status(portal.app.now(), chrono::Duration::days(14)), Status::Expired);
    assert_eq!((portal.credits(), portal.order_now(&order).refunded), (0, order.bill.total));
    let totals: Vec<i64> = portal.query(|connection| invoices::table.select(invoices::total).load(connection));
    assert_eq!(totals.iter().sum::<i64>(), 0, "{totals:?}");
    assert!(matches!(begin(portal, &order.number, None), Ask::NotSoMuch { left: 0, .. }));
    assert_eq!(begin(portal, "O-2026-999999", None), Ask::Unknown);
}

#[apply(on_both)]
fn credits_that_were_spent_are_told_and_stay_spent(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    portal.pay(&order);
    portal.spend(30, "job-1");
    let refund = begun(portal, &order.number, None);
    let finished = done(portal, &refund).expect("it is stored");
    assert_eq!(finished.taken, Taken::Credits { taken: 70, gone: 30 });
    assert_eq!(portal.credits(), 0);
}

#[apply(on_both)]
fn what_the_provider_refuses_can_be_asked_for_again(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&package("credits-100"));
    portal.pay(&order);
    let refund = begun(portal, &order.number, None);
    portal.app.write_now::<_, DbError>(|tx| refuse(tx, &refund.id, "no")).expect("it is stored");
    assert_eq!(done(portal, &refund), None);
    assert_eq!((portal.order_now(&order).refunded, portal.credits()), (0, 100));
    assert_ne!(begun(portal, &order.number, None).id, refund.id);
}
