//! Packages that are bought and given back, through orders.

use diesel::prelude::*;
use portico::access::Scope;
use portico::db::DbError;
use portico::ids::PaymentId;
use portico::orders::order::Order;
use portico::orders::place::Place;
use portico::orders::refund::{self, Ask};
use portico::orders::settle::Settle;
use portico::payments::provider::Paid;
use portico::schema::{invoices, orders};
use proptest::sample::Index;

use super::model::{Lot, Model};
use crate::orders::{package, paid, with_key};
use crate::support::Portal;

struct Purchase {
    order: Order,
    payment: PaymentId,
    money: Paid,
    /// How much of it is not given back.
    left: i64,
}

/// Those of an Organization.
pub(super) struct Purchases<'a> {
    portal: &'a Portal,
    scope: &'a Scope,
    all: Vec<Purchase>,
}

fn reference(order: &Order) -> String {
    format!("order/{}", order.id)
}

impl<'a> Purchases<'a> {
    pub fn of(portal: &'a Portal, scope: &'a Scope) -> Self {
        portal.complete_details();
        portal.settle_in_switzerland();
        Self { portal, scope, all: Vec::new() }
    }

    pub fn buy(&mut self, model: &mut Model, key: &str) {
        let asked = with_key(key, package("credits-100"));
        let Place::Placed(order) = self.portal.order_as(self.scope, &asked) else { panic!("{asked:?}") };
        let payment = self.portal.payment(&order).id;
        let money = paid(&format!("money {payment}"), order.bill.total, order.bill.currency);
        let settled = self.portal.settle(&payment, &money);
        assert!(matches!(settled, Settle::Settled(_)), "{settled:?}");
        // What the transaction did meanwhile.
        model.settle();
        model.lots.push(Lot { reference: reference(&order), left: 100, ends: i64::MAX, is_purchased: true });
        self.all.push(Purchase { left: order.bill.total, order: *order, payment, money });
    }

    pub fn pay_again(&self, which: Index) {
        let Some(purchase) = (!self.all.is_empty()).then(|| which.get(&self.all)) else { return };
        let settled = self.portal.settle(&purchase.payment, &purchase.money);
        assert!(matches!(settled, Settle::Already(_)), "{settled:?}");
    }

    pub fn refund(&mut self, model: &mut Model, which: Index, thirds: i64) {
        let Some(at) = (!self.all.is_empty()).then(|| which.index(self.all.len())) else { return };
        let (portal, purchase) = (self.portal, &mut self.all[at]);
        let (amount, operator) = (purchase.left * thirds / 3, portal.operator());
        let number = &purchase.order.number;
        let asked = portal.app.write_now::<_, DbError>(|tx| refund::ask(tx, &operator, number, Some(amount)));
        let asked = match asked.expect("an answer") {
            Ask::Asked { refund, .. } => *refund,
            Ask::NotSoMuch { left: 0, .. } if purchase.left == 0 => return,
            other => panic!("{amount}: {other:?}"),
        };
        for is_first in [true, false] {
            let finish = |tx: &mut portico::db::WriteTx<'_>| refund::finish(tx, &operator, &asked, "re_1");
            let finished = portal.app.write_now::<_, DbError>(finish).expect("an answer");
            assert_eq!(finished.is_some(), is_first, "{finished:?}");
        }
        purchase.left -= amount;
        if purchase.left == 0 {
            model.reverse(&reference(&purchase.order));
        }
    }

    /// What was paid and is not given back is what orders, invoices and credit notes say.
    pub fn assert_money_agrees(&self) {
        let organization = self.scope.organization_id();
        let kept: i64 = self.all.iter().map(|purchase| purchase.left).sum();
        let rows: Vec<(i64, i64)> = self.portal.query(|connection| {
            let its = orders::table.filter(orders::organization_id.eq(organization));
            its.filter(orders::status.eq("paid")).select((orders::total, orders::refunded)).load(connection)
        });
        assert_eq!(rows.len(), self.all.len());
        assert_eq!(rows.iter().map(|(total, refunded)| total - refunded).sum::<i64>(), kept, "the orders");
        let totals: Vec<i64> = self.portal.query(|connection| {
            let its = invoices::table.filter(invoices::organization_id.eq(organization));
            its.select(invoices::total).load(connection)
        });
        assert_eq!(totals.iter().sum::<i64>(), kept, "the invoices and credit notes");
    }
}
