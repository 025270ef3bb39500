//! Rule 21: a form places one order, at the prices of the catalogue, and the order keeps them.

use diesel::prelude::*;
use portico::billing::tax::Treatment;
use portico::db::DbError;
use portico::money::Currency;
use portico::orders::order::Status;
use portico::orders::place::{MOST_PENDING, Place, Refusal};
use portico::orders::pricing::NotSold;
use portico::organizations::details::Detail;
use portico::schema::{licences, orders, organizations};
use rstest::rstest;
use rstest_reuse::apply;

use super::{package, plan, with_coupon, with_key};
use crate::catalogue::{SELLER, file_with, import_text};
use crate::support::{
    Persona, Portal, on_both,
    state::{assert_unchanged, stored},
};

#[apply(on_both)]
fn an_order_costs_what_the_catalogue_says_with_the_tax_of_the_country(#[case] portal: &Portal) {
    portal.shop();
    let mut placed = None;
    let recorded = portal.recorded_actions(|| placed = Some(portal.order(&plan("mapper-yearly", 3))));
    let order = placed.expect("it is placed");
    assert_eq!(recorded, ["order.placed"]);
    assert_eq!((order.number.as_str(), order.status), ("O-2026-000001", Status::Pending));
    assert_eq!(order.item.to_string(), "3 × Mapper, Yearly");
    let bill = &order.bill;
    // 8.1 % of CHF 8,070.00.
    assert_eq!((bill.currency, bill.net, bill.tax, bill.total), (Currency::Chf, 807_000, 65_367, 872_367));
    assert!(matches!(&bill.treatment, Treatment::Charged { name, .. } if name == "VAT"));
    assert_eq!((order.seller.name.as_str(), order.buyer.name.as_str()), ("Example Software SA", "Acme AG"));
    assert_eq!(order.buyer.vat_id, "CHE-111.222.333 MWST");
    assert_eq!(order.placed_by.as_ref().map(|buyer| buyer.name.as_str()), Some("Olga Tester"));
    // Nothing that is sold later changes it.
    import_text(portal, &file_with(&[("2690.00", "9999.00"), ("name = \"Mapper\"", "name = \"Plotter\"")]))
        .expect("no faults");
    assert_eq!(portal.order_now(&order), order);
    let credits = portal.order(&with_key("other", package("credits-100")));
    assert_eq!((credits.number.as_str(), credits.bill.total), ("O-2026-000002", 10_702));
}

#[apply(on_both)]
fn a_form_that_comes_again_is_the_same_order_and_another_one_is_refused(#[case] portal: &Portal) {
    portal.shop();
    let order = portal.order(&plan("mapper-yearly", 2));
    let before = stored(portal);
    import_text(portal, &file_with(&[])).expect("no faults");
    assert_eq!(portal.order(&plan("mapper-yearly", 2)), order);
    for other in [plan("mapper-yearly", 3), package("credits-100"), with_coupon("SPRING27", plan("mapper-yearly", 2))] {
        let outcome = portal.order_as(&portal.scope(Persona::Owner), &other);
        assert_eq!(outcome, Place::OtherWithKey(Box::new(order.clone())), "{other:?}");
    }
    assert_unchanged(&before, &stored(portal), "forms that came again");
    assert_ne!(portal.order(&with_key("another form", plan("mapper-yearly", 2))).id, order.id);
    // The key of somebody else's form says nothing about theirs.
    let elsewhere = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    assert!(
        matches!(portal.order_as(&elsewhere, &plan("mapper-yearly", 2)), Place::Placed(other) if other.id != order.id)
    );
}

#[apply(on_both)]
fn what_is_not_sold_is_not_ordered(#[case] portal: &Portal) {
    portal.shop();
    let before = stored(portal);
    for (asked, reason) in [
        (plan("mapper-yearly", 0), NotSold::Quantity),
        (plan("mapper-yearly", 1_000), NotSold::Quantity),
        (plan("mapper-yearly", u32::MAX), NotSold::Quantity),
        (plan("cloud-monthly", 2), NotSold::Quantity),
        (plan("mapper-trial", 2), NotSold::Quantity),
        (plan("", 1), NotSold::Withdrawn),
        (plan("credits-100", 1), NotSold::Withdrawn),
        (package("mapper-yearly"), NotSold::Withdrawn),
    ] {
        assert_eq!(portal.refused(&asked), Refusal::NotSold(reason), "{asked:?}");
    }
    assert_unchanged(&before, &stored(portal), "what is not sold");
    import_text(portal, SELLER).expect("no faults");
    assert_eq!(portal.refused(&plan("mapper-yearly", 1)), Refusal::NotSold(NotSold::Withdrawn));
    assert_eq!(portal.refused(&package("credits-100")), Refusal::NotSold(NotSold::Withdrawn));
}

#[apply(on_both)]
fn another_country_pays_in_its_own_currency_and_with_its_own_tax(#[case] portal: &Portal) {
    portal.shop();
    set(portal, |tx| diesel::update(organizations::table).set(organizations::country.eq("US")).execute(tx).map(drop));
    let order = portal.order(&package("credits-100"));
    assert_eq!(
        (order.bill.total().to_string().as_str(), &order.bill.treatment),
        ("USD 109.00", &Treatment::NotCharged)
    );
}

fn set(portal: &Portal, change: impl FnOnce(&mut portico::db::Connection) -> QueryResult<()>) {
    portal.app.write_now::<_, DbError>(|tx| Ok(change(tx.connection)?)).expect("it is stored");
}

#[apply(on_both)]
fn details_that_invoices_need_come_first_but_not_before_a_trial(#[case] portal: &Portal) {
    import_text(portal, &file_with(&[])).expect("no faults");
    let missing = vec![Detail::PostalAddress, Detail::Zip, Detail::City, Detail::TaxId];
    assert_eq!(portal.refused(&plan("mapper-yearly", 1)), Refusal::Incomplete(missing));
    let order = portal.order(&plan("mapper-trial", 1));
    assert_eq!((order.status, order.bill.total), (Status::Paid, 0));
}

#[apply(on_both)]
fn there_is_one_trial_of_a_product_and_it_costs_nothing(#[case] portal: &Portal) {
    portal.shop();
    let mut placed = None;
    let recorded = portal.recorded_actions(|| placed = Some(portal.order(&plan("mapper-trial", 1))));
    assert_eq!(recorded, ["licence.issued", "order.paid", "order.placed"]);
    let order = placed.expect("it is placed");
    let licence = portal.licence_row(order.licence_id.as_ref().expect("a licence"));
    assert_eq!((licence.term.key(), licence.seats), ("trial", 1));
    assert!(portal.payments_of(&order).is_empty());
    assert_eq!(portal.order(&plan("mapper-trial", 1)), order, "the same form");
    portal.later(chrono::Duration::days(400));
    assert_eq!(portal.refused(&with_key("later", plan("mapper-trial", 1))), Refusal::TrialUsed);
    let all: i64 = portal.query(|connection| licences::table.count().get_result(connection));
    assert_eq!(all, 1);
}

#[apply(on_both)]
fn who_may_not_purchase_does_not(#[case] portal: &Portal) {
    portal.shop();
    let before = stored(portal);
    for persona in [Persona::Editor, Persona::Reader, Persona::Member] {
        let outcome = portal.order_as(&portal.scope(persona), &plan("mapper-yearly", 1));
        assert_eq!(outcome, Place::Refused(Refusal::NotAllowed), "{persona:?}");
    }
    // Whoever lost the role since the page was opened.
    let manager = portal.scope(Persona::Manager);
    portal.set_role(&Persona::Manager.email(), portico::access::Role::Reader);
    assert_eq!(portal.order_as(&manager, &plan("mapper-yearly", 1)), Place::Refused(Refusal::NotAllowed));
    portal.set_role(&Persona::Manager.email(), portico::access::Role::Manager);
    assert_unchanged(&before, &stored(portal), "who may not");
    assert!(matches!(portal.order_as(&manager, &plan("mapper-yearly", 1)), Place::Placed(_)));
}

#[apply(on_both)]
fn an_organization_has_so_many_pending_orders_at_a_time(#[case] portal: &Portal) {
    portal.shop();
    let all: Vec<_> =
        (0..MOST_PENDING).map(|n| portal.order(&with_key(&n.to_string(), package("credits-100")))).collect();
    assert_eq!(portal.refused(&with_key("one more", package("credits-100"))), Refusal::TooManyPending);
    assert_eq!(portal.order(&with_key("0", package("credits-100"))), all[0], "it is there already");
    portal.pay(&all[0]);
    portal.order(&with_key("one more", package("credits-100")));
    let stored: i64 = portal.query(|connection| orders::table.count().get_result(connection));
    assert_eq!(stored, MOST_PENDING + 1);
}
