//! Money for something that cannot be given any more: a change of a licence that has changed otherwise meanwhile, or a term of one that
//! was cancelled. The order ends, and the money goes back by itself. What the provider does not give back is kept as what nobody owes.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::order::{self, Order};
use super::payment::{Payment, Status};
use super::refund::{self, Refund};
use super::{ending, telling};
use crate::access::{Actor, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::jobs::{NewJob, Priority};
use crate::payments::forget::QUEUE;
use crate::schema::payments;

/// The job that asks the provider. Its subject is the refund.
pub(super) const GIVE_BACK: &str = "orders.give_back";

/// Ends the order, puts its money aside, and has it given back.
pub(super) fn put_aside(tx: &mut WriteTx, order: &Order, payment: Option<&Payment>) -> Result<(), DbError> {
    let by = By::outside(order.actor(), &order.organization_id);
    if let Some(payment) = payment {
        let amount = payment.amount();
        let arrived = amount.to_string();
        diesel::update(payments::table.find(&payment.id))
            .set((payments::status.eq(Status::Unmatched), payments::arrived.eq(&arrived)))
            .execute(tx.connection)?;
        tracing::warn!(payment = %payment.id, order = order.number, %arrived, "money came too late, and goes back");
        let (action, subject_id, subject_name) = (Action::PaymentUnmatched, order.id.as_str(), &*order.number);
        let after = json!({ "arrived": arrived, "because": "the licence has changed" });
        tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })?;
        let refund = refund::store(tx, payment, amount.minor, Actor::Job.name())?;
        let (subject, due_at) = (refund.id.as_str(), tx.now);
        tx.add_job(NewJob { queue: QUEUE, kind: GIVE_BACK, subject, priority: Priority::Usual, due_at })?;
    }
    ending::close(tx, by, order).map(drop)
}

/// Stores that the provider gave it back, and tells whoever ordered. Nothing where that was stored before.
pub fn given_back(tx: &mut WriteTx, refund: &Refund, provider_refund: &str) -> Result<(), DbError> {
    lock_organization(tx, &refund.organization_id)?;
    let gone = || DbError::Unexpected(format!("the order of {}", refund.id));
    let order = order::lock(tx, &refund.organization_id, &refund.order_id)?.ok_or_else(gone)?;
    if !refund::done(tx, &refund.id, provider_refund)? {
        return Ok(());
    }
    diesel::update(payments::table.find(&refund.payment_id))
        .set((payments::given_back_at.eq(tx.now), payments::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let amount = order.bill.money(refund.amount);
    let change = Change {
        action: Action::PaymentGivenBack,
        subject_id: order.id.as_str(),
        subject_name: &order.number,
        before: Value::Null,
        after: json!({ "amount": amount.to_string() }),
    };
    tx.record(By::outside(Actor::Job, &order.organization_id), change)?;
    telling::given_back(tx, &order, amount, refund.id.as_str())
}
