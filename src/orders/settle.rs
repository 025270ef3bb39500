//! Settling an order: money arrived, and what was bought is given, in one transaction.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::fulfil::{self, Fulfilled};
use super::item::Item;
use super::order::{self, Order, Status};
use super::payment::{self, Payment, Status as PaymentStatus};
use super::{coupons, telling, too_late};
use crate::access::lock_organization;
use crate::audit::{Action, By, Change};
use crate::catalogue::contents::Term;
use crate::catalogue::on_sale;
use crate::db::{DbError, WriteTx};
use crate::ids::PaymentId;
use crate::invoices::issue::{self, NewInvoice};
use crate::payments::methods;
use crate::payments::provider::Paid;
use crate::schema::{orders, payments};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settle {
    /// The order is paid now, and what was bought is given.
    Settled(Box<Order>),
    /// This money was taken before. Nothing was changed.
    Already(Box<Order>),
    /// It is not what is owed: another amount, another currency, or paid already. It is kept for an operator.
    Unmatched,
    /// There is no such payment.
    Unknown,
}

/// Takes the money of a payment, once, whichever way it is told: by the provider's answer, by an event, or by looking. An order that
/// has ended meanwhile is settled all the same.
pub fn settle(tx: &mut WriteTx, payment: &PaymentId, paid: &Paid) -> Result<Settle, DbError> {
    let Some(seen) = payment::find(tx.connection, payment)? else {
        tracing::error!(%payment, provider_payment = paid.provider_payment, amount = %paid.amount, "money arrived for an unknown payment");
        return Ok(Settle::Unknown);
    };
    lock_organization(tx, &seen.organization_id)?;
    let order = order::lock(tx, &seen.organization_id, &seen.order_id)?;
    let order = order.ok_or_else(|| DbError::Unexpected(format!("the order of {payment}")))?;
    let Some(payment) = payment::find(tx.connection, payment)? else { return Ok(Settle::Unknown) };
    // Whatever is told by then, it is the same money.
    let taken = payments::table
        .filter(payments::provider.eq(&payment.provider))
        .filter(payments::provider_payment.eq(&paid.provider_payment))
        .select(payments::status);
    match taken.first::<PaymentStatus>(tx.connection).optional()? {
        Some(PaymentStatus::Unmatched) => return Ok(Settle::Unmatched),
        Some(_) => return Ok(Settle::Already(Box::new(order))),
        None => {}
    }
    // Something else was paid by this one: a provider that calls one payment by two names is looked at by somebody.
    if payment.provider_payment.is_some() {
        tracing::error!(payment = %payment.id, provider_payment = paid.provider_payment, "a payment was paid twice");
        return Ok(Settle::Unmatched);
    }
    let is_owed = paid.amount == payment.amount() && order.status != Status::Paid;
    let method = paid.method.as_ref().map_or_else(String::new, |method| method.shown.words());
    keep(tx, &payment, paid, is_owed, &method)?;
    if !is_owed {
        let (number, due) = (&order.number, payment.amount());
        tracing::error!(payment = %payment.id, order = number, amount = %paid.amount, %due, "money arrived that nobody owes");
        record(tx, &order, Action::PaymentUnmatched, json!({ "arrived": paid.amount.to_string() }))?;
        return Ok(Settle::Unmatched);
    }
    if let Some(kept) = &paid.method {
        let by = By::outside(order.actor(), &order.organization_id);
        methods::keep(tx, by, &order.organization_id, payment.provider()?, kept)?;
    }
    let completed = complete(tx, order, Some(&payment), &method)?;
    Ok(completed.map_or(Settle::Unmatched, |order| Settle::Settled(Box::new(order))))
}

/// Settles an order that costs nothing. It is locked, or was stored in this transaction.
pub(super) fn settle_free(tx: &mut WriteTx, order: Order) -> Result<Order, DbError> {
    let id = order.id.clone();
    complete(tx, order, None, "")?.ok_or_else(|| DbError::Unexpected(format!("{id} was placed for another state")))
}

/// Stores that the money is here.
fn keep(tx: &mut WriteTx, payment: &Payment, paid: &Paid, is_owed: bool, method: &str) -> Result<(), DbError> {
    let status = if is_owed { PaymentStatus::Paid } else { PaymentStatus::Unmatched };
    let arrived = if is_owed { String::new() } else { paid.amount.to_string() };
    diesel::update(payments::table.find(&payment.id))
        .set((
            payments::status.eq(status),
            payments::provider_payment.eq(&paid.provider_payment),
            payments::arrived.eq(arrived),
            payments::method.eq(method),
            payments::failure.eq(""),
            payments::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// What follows once nothing is owed any more. `None` where it was ordered for a state of a licence that is not there any more: the
/// money goes back.
fn complete(tx: &mut WriteTx, order: Order, payment: Option<&Payment>, method: &str) -> Result<Option<Order>, DbError> {
    // One that had ended gave the use of its coupon back.
    coupons::take(tx, &order)?;
    let Fulfilled { licence, made, is_stale } = fulfil::fulfil(tx, &order)?;
    if is_stale {
        return too_late::put_aside(tx, &order, payment).map(|()| None);
    }
    let order = Order { status: Status::Paid, paid_at: Some(tx.now), licence_id: licence, made, ..order };
    diesel::update(orders::table.find(&order.id))
        .set((
            orders::status.eq(order.status),
            orders::paid_at.eq(order.paid_at),
            orders::licence_id.eq(&order.licence_id),
            orders::made.eq(order.made.as_ref().map(order::stored)),
        ))
        .execute(tx.connection)?;
    let after = json!({
        "item": order.item.to_string(),
        "total": order.bill.total().to_string(),
        "payment": payment.map(|payment| payment.id.as_str()),
    });
    record(tx, &order, Action::OrderPaid, after)?;
    if has_invoice(&order.item) {
        telling::receipt(tx, &order, method)?;
        // Last, since it takes the lock on the numbers.
        invoice(tx, &order, method)?;
    }
    Ok(Some(order))
}

/// Whether there is an invoice for it: for all but trials.
fn has_invoice(item: &Item) -> bool {
    !matches!(item, Item::Licence(licence) if licence.term == Term::Trial)
}

fn invoice(tx: &mut WriteTx, order: &Order, method: &str) -> Result<(), DbError> {
    let prefix = on_sale::seller(tx.connection)?.map_or_else(String::new, |seller| seller.invoice_prefix);
    let new = NewInvoice {
        organization: &order.organization_id,
        order: &order.id,
        order_number: &order.number,
        seller: &order.seller,
        prefix: &prefix,
        buyer: &order.buyer,
        bill: &order.bill,
        paid_by: method,
    };
    issue::issue(tx, By::outside(order.actor(), &order.organization_id), &new).map(drop)
}

fn record(tx: &mut WriteTx, order: &Order, action: Action, after: Value) -> Result<(), DbError> {
    let by = By::outside(order.actor(), &order.organization_id);
    let (subject_id, subject_name) = (order.id.as_str(), &*order.number);
    tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })
}
