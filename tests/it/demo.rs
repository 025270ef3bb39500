//! The believable company: what it has bought, spent and been charged fits together.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration};
use diesel::prelude::*;
use portico::background;
use portico::credits::check::disagreements;
use portico::demo;
use portico::demo_accounts::{CREDIT_VOUCHER, DEMO_PASSWORD};
use portico::ids::{OrderId, OrganizationId};
use portico::invoices::invoice::Kind;
use portico::licences::automatic::Problem;
use portico::licences::licence::Licence;
use portico::licences::status::Status as LicenceStatus;
use portico::licences::terms::Term;
use portico::orders::order::Status;
use portico::orders::payment::Status as PaymentStatus;
use portico::orders::renewals::renewal::Ending;
use portico::schema::{
    credit_entries, invoices, jobs, licences, notification_recipients, orders, payment_methods, payments, refunds,
    renewals, top_up_settings, top_ups, users,
};
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Browser, Database, Portal, on_each_database};

const COMPANY: &str = "/organizations/aerial-survey-group";

/// A portal with the demo in it.
fn demo(database: Database) -> Portal {
    let portal = database.empty_portal();
    demo::seed(&portal.app).expect("the demo is written");
    portal
}

fn signed_in(portal: &Portal, email: &str) -> Browser {
    let browser = portal.browser();
    let answer = browser.post("/sign-in", &[("email", email), ("password", DEMO_PASSWORD)]);
    assert_eq!((answer.status, answer.location()), (303, "/home"), "{email}");
    browser
}

/// An order: its id, number, kind, status, total, coupon, what was given back, and when it was placed.
type Order = (OrderId, String, String, Status, i64, Option<String>, i64, Timestamp);

fn all_orders(portal: &Portal) -> Vec<Order> {
    let columns = (
        orders::id,
        orders::number,
        orders::kind,
        orders::status,
        orders::total,
        orders::coupon,
        orders::refunded,
        orders::placed_at,
    );
    portal.query(|connection| orders::table.order(orders::placed_at).select(columns).load(connection))
}

/// A document: its order, kind, number, total and moment.
type Document = (OrderId, Kind, String, i64, Timestamp);

fn documents(portal: &Portal) -> Vec<Document> {
    let columns = (invoices::order_id, invoices::kind, invoices::number, invoices::total, invoices::issued_at);
    portal
        .query(|connection| invoices::table.order((invoices::issued_at, invoices::id)).select(columns).load(connection))
}

fn all_licences(portal: &Portal) -> Vec<Licence> {
    portal.query(|connection| licences::table.order(licences::id).select(Licence::as_select()).load(connection))
}

#[apply(on_each_database)]
fn what_was_invoiced_is_what_was_ordered_and_paid(#[case] database: Database) {
    let portal = demo(database);
    let documents = documents(&portal);
    let paid: Vec<(OrderId, i64)> = portal.query(|connection| {
        let paid = payments::table.filter(payments::status.eq(PaymentStatus::Paid));
        paid.select((payments::order_id, payments::amount)).load(connection)
    });
    let mut count = 0;
    for (id, number, kind, status, total, _, refunded, _) in all_orders(&portal) {
        let theirs: Vec<&Document> = documents.iter().filter(|document| document.0 == id).collect();
        let of_order = |kind: Kind| theirs.iter().filter(move |document| document.1 == kind);
        let invoiced: Vec<i64> = of_order(Kind::Invoice).map(|document| document.3).collect();
        let credited: i64 = of_order(Kind::CreditNote).map(|document| document.3).sum();
        let received: Vec<i64> = paid.iter().filter(|payment| payment.0 == id).map(|payment| payment.1).collect();
        if status == Status::Paid && total > 0 {
            assert_eq!((&invoiced, &received), (&vec![total], &vec![total]), "{number}, {kind}");
            assert_eq!(credited, -refunded, "{number}");
            count += 1;
        } else {
            assert!(invoiced.is_empty() && received.is_empty() && refunded == 0, "{number}, {kind}");
        }
    }
    assert!(count >= 30, "{count} orders in eighteen months");
}

/// `INV-2026-000012` is the twelfth of its year, and was issued after the eleventh.
fn assert_no_gap<'a>(numbers: impl Iterator<Item = (&'a str, Timestamp)>) {
    let mut last: BTreeMap<(String, i32), u32> = BTreeMap::new();
    for (number, at) in numbers {
        let parts: Vec<&str> = number.split('-').collect();
        let [series, year, place] = parts[..] else { panic!("{number}") };
        assert_eq!(year, at.day().year().to_string(), "{number}");
        let last = last.entry((series.to_owned(), at.day().year())).or_default();
        *last += 1;
        assert_eq!(place.parse(), Ok(*last), "{number} at {at}");
    }
    assert!(!last.is_empty());
}

#[apply(on_each_database)]
fn numbers_have_no_gap_and_follow_the_order_of_time(#[case] database: Database) {
    let portal = demo(database);
    let (documents, orders) = (documents(&portal), all_orders(&portal));
    assert_no_gap(documents.iter().map(|document| (&*document.2, document.4)));
    assert_no_gap(orders.iter().map(|order| (&*order.1, order.7)));
}

#[apply(on_each_database)]
fn the_ledger_has_what_was_bought(#[case] database: Database) {
    let portal = demo(database);
    assert_eq!(portal.app.db.read(disagreements).expect("they are compared"), []);
    let bought: Vec<(OrderId, String, i64)> = portal.query(|connection| {
        let packages = orders::table.filter(orders::kind.eq_any(["credits", "top_up"]));
        let paid = packages.filter(orders::status.eq(Status::Paid));
        paid.select((orders::id, orders::item, orders::refunded)).load(connection)
    });
    let granted: BTreeMap<String, i64> = portal.query(|connection| {
        let purchases = credit_entries::table.filter(credit_entries::source.eq("purchase"));
        let rows: Vec<(String, i64)> =
            purchases.select((credit_entries::reference, credit_entries::amount)).load(connection)?;
        Ok::<_, diesel::result::Error>(rows.into_iter().collect())
    });
    for (id, item, refunded) in &bought {
        let credits = serde_json::from_str::<serde_json::Value>(item).expect("JSON")["credits"].as_i64();
        assert_eq!(granted.get(&format!("order/{id}")).copied(), credits, "{item}");
        let reversal = format!("order/{id} reversal");
        let taken: Vec<i64> = portal.query(|connection| {
            let rows = credit_entries::table.filter(credit_entries::reference.eq(&reversal));
            rows.select(credit_entries::amount).load(connection)
        });
        let expected: Vec<i64> = credits.filter(|_| *refunded > 0).map(|credits| -credits).into_iter().collect();
        assert_eq!(taken, expected, "{item}");
    }
    assert!(bought.len() >= 5, "{bought:?}");
    let from_plans: i64 = portal.query(|connection| {
        credit_entries::table.filter(credit_entries::source.eq("plan")).count().get_result(connection)
    });
    assert!(from_plans >= 3, "{from_plans}");
}

#[apply(on_each_database)]
fn licences_were_sold_by_its_orders_and_renewed_month_by_month(#[case] database: Database) {
    let portal = demo(database);
    let now = portal.app.now();
    let mut states: Vec<&str> = Vec::new();
    for licence in all_licences(&portal) {
        let status = licence.status(now, portal.app.config.licence_grace);
        states.push(status.label());
        let kinds: Vec<(String, Status)> = portal.query(|connection| {
            let theirs = orders::table.filter(orders::licence_id.eq(&licence.id)).order(orders::placed_at);
            theirs.select((orders::kind, orders::status)).load(connection)
        });
        // One was a voucher, and does not renew itself: its last days are near.
        if licence.plan_key.is_none() {
            assert!(kinds.is_empty() && licence.is_expiring_at(now) && !licence.renews(), "{licence:?}");
            continue;
        }
        assert_eq!(kinds[0], ("licence".to_owned(), Status::Paid), "{licence:?}");
        assert!(licence.unit_price().is_some_and(|price| price.minor > 0 || licence.term == Term::Trial));
        let renewed = kinds.iter().filter(|kind| **kind == ("renewal".to_owned(), Status::Paid)).count();
        if licence.product == "Catch" {
            assert_eq!((licence.term, renewed, licence.renews()), (Term::Monthly, 16, true));
        }
        if status == LicenceStatus::Active && licence.term == Term::Yearly {
            assert_eq!((renewed, licence.renews(), licence.quantity), (1, true, 12));
        }
    }
    states.sort_unstable();
    let expected =
        ["Active", "Active", "Active", "Active", "Cancellation pending", "Expired", "In grace", "Suspended", "Trial"];
    assert_eq!(states, expected);
    let of_catch: Vec<OrderId> = portal.query(|connection| {
        let catch = licences::table.filter(licences::product.eq("Catch")).select(licences::id.nullable());
        orders::table.filter(orders::licence_id.eq_any(catch)).select(orders::id).load(connection)
    });
    let documents = documents(&portal);
    let months: Vec<Timestamp> =
        documents.iter().filter(|document| of_catch.contains(&document.0)).map(|document| document.4).collect();
    assert_eq!(months.len(), 17);
    // The first term is paid when it begins, and the others a week ahead.
    for pair in months[1..].windows(2) {
        assert!((27..=32).contains(&(pair[1] - pair[0]).num_days()), "{pair:?}");
    }
}

#[apply(on_each_database)]
fn something_went_wrong_now_and_then(#[case] database: Database) {
    let portal = demo(database);
    let now = portal.app.now();
    let in_grace: Vec<Licence> = all_licences(&portal)
        .into_iter()
        .filter(|licence| licence.status(now, portal.app.config.licence_grace) == LicenceStatus::InGrace)
        .collect();
    let [fields] = &in_grace[..] else { panic!("{in_grace:?}") };
    let ended: (Option<Ending>, Option<Problem>) = portal.query(|connection| {
        let theirs = renewals::table.filter(renewals::licence_id.eq(&fields.id));
        theirs.select((renewals::outcome, renewals::problem)).first(connection)
    });
    assert_eq!(ended, (Some(Ending::GivenUp), Some(Problem::Declined)));
    let reasons: Vec<String> = portal.query(|connection| {
        let declined = payments::table.filter(payments::status.eq(PaymentStatus::Declined));
        declined.select(payments::failure).load(connection)
    });
    assert_eq!(reasons, ["The card was declined."; 4]);
    let page = signed_in(&portal, "owner@example.com").get(&format!("{COMPANY}/plans/{}", fields.id)).text();
    assert!(page.contains("The bank declined the last charge."), "{page}");
    // Somebody bought the same twice, and has the money back.
    let given_back: Vec<(OrderId, i64)> =
        portal.query(|connection| refunds::table.select((refunds::order_id, refunds::amount)).load(connection));
    let [(order, amount)] = &given_back[..] else { panic!("{given_back:?}") };
    let total = all_orders(&portal).into_iter().find(|other| other.0 == *order).map(|order| order.4);
    assert_eq!(total, Some(*amount));
    assert_eq!(documents(&portal).iter().filter(|document| document.1 == Kind::CreditNote).count(), 1);
}

#[apply(on_each_database)]
fn what_is_charged_and_told_by_itself_is_set_up(#[case] database: Database) {
    let portal = demo(database);
    let orders = all_orders(&portal);
    let coupons: Vec<&str> = orders.iter().filter_map(|order| order.5.as_deref()).collect();
    assert_eq!(coupons, ["WELCOME50", "LAUNCH15"]);
    let pending: Vec<&Order> = orders.iter().filter(|order| order.3 == Status::Pending).collect();
    let [pending] = &pending[..] else { panic!("{pending:?}") };
    assert!(portal.app.now() - pending.7 < Duration::hours(3), "most of its day is to come");
    let (is_on, cards, paid): (i64, i64, i64) = portal.query(|connection| {
        let is_on = top_up_settings::table.filter(top_up_settings::switched_on_at.is_not_null());
        Ok::<_, diesel::result::Error>((
            is_on.count().get_result(connection)?,
            payment_methods::table.filter(payment_methods::last_four.eq("4242")).count().get_result(connection)?,
            top_ups::table.filter(top_ups::ended_at.is_not_null()).count().get_result(connection)?,
        ))
    });
    assert!(is_on == 1 && cards == 1 && paid >= 2, "{is_on} {cards} {paid}");
    let recipients: Vec<Option<Timestamp>> = portal.query(|connection| {
        notification_recipients::table.select(notification_recipients::confirmed_at).load(connection)
    });
    let confirmed = recipients.iter().filter(|confirmed| confirmed.is_some()).count();
    assert!(confirmed >= 1 && confirmed < recipients.len(), "{recipients:?}");
    let log = signed_in(&portal, "owner@example.com").get(&format!("{COMPANY}/notifications/log")).html();
    assert!(log.texts("tbody tr").len() >= 5, "{:?}", log.texts("tbody tr"));
}

#[apply(on_each_database)]
fn it_is_written_once_and_leaves_nothing_to_be_charged(#[case] database: Database) {
    let portal = demo(database);
    let counts = || {
        portal.query(|connection| {
            Ok::<_, diesel::result::Error>((
                users::table.count().get_result::<i64>(connection)?,
                orders::table.count().get_result::<i64>(connection)?,
                payments::table.count().get_result::<i64>(connection)?,
                credit_entries::table.count().get_result::<i64>(connection)?,
            ))
        })
    };
    let before = counts();
    demo::seed(&portal.app).expect("there is nothing to do");
    assert_eq!(counts(), before);
    let charges: i64 =
        portal.query(|connection| jobs::table.filter(jobs::queue.eq("charges")).count().get_result(connection));
    assert_eq!(charges, 0);
    background::runner(&portal.app).run_due().expect("the jobs run");
    assert_eq!(counts(), before, "the first minute changes nothing");
}

#[apply(on_each_database)]
fn its_pending_order_can_be_paid_and_its_vouchers_redeemed(#[case] database: Database) {
    let portal = demo(database);
    let manager = signed_in(&portal, "manager@example.com");
    let orders = all_orders(&portal);
    let pending = orders.iter().find(|order| order.3 == Status::Pending).expect("one is pending");
    let page = format!("{COMPANY}/plans/orders/{}", pending.0);
    assert!(manager.get(&page).html().has_button("Pay CHF 5,815.78"), "{}", manager.get(&page).text());
    let sandbox = manager.post(&format!("{page}/pay"), &[]);
    assert_eq!(sandbox.status, 303);
    let back = manager.post(sandbox.location(), &[("act", "pay"), ("card", "good")]);
    assert_eq!(back.status, 303);
    let path = back.location().trim_start_matches(&*portal.app.config.public_url).to_owned();
    manager.get(&path);
    assert!(all_orders(&portal).iter().all(|order| order.3 != Status::Pending), "it is paid");
    let organization: OrganizationId =
        portal.query(|connection| orders::table.find(&pending.0).select(orders::organization_id).first(connection));
    let balance = |portal: &Portal| {
        let wallet = portal.app.db.read(|connection| portico::credits::wallet::read(connection, &organization));
        wallet.expect("it is read").map_or(0, |wallet| wallet.balance)
    };
    let before = balance(&portal);
    let redeemed = manager.post(&format!("{COMPANY}/plans/redeem"), &[("code", CREDIT_VOUCHER), ("confirmed", "yes")]);
    assert_eq!(redeemed.status, 303, "{}", redeemed.text());
    assert_eq!(balance(&portal), before + 500);
}
