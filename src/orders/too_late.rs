//! Money for a change of a licence that has changed otherwise meanwhile.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::ending;
use super::order::Order;
use super::payment::{Payment, Status};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::schema::payments;

/// Ends the order, and keeps the money as what nobody owes, for an operator to give back.
pub(super) fn put_aside(tx: &mut WriteTx, order: &Order, payment: Option<&Payment>) -> Result<(), DbError> {
    let by = By::outside(order.actor(), &order.organization_id);
    if let Some(payment) = payment {
        let arrived = payment.amount()?.to_string();
        diesel::update(payments::table.find(&payment.id))
            .set((payments::status.eq(Status::Unmatched), payments::arrived.eq(&arrived)))
            .execute(tx.connection)?;
        tracing::error!(payment = %payment.id, order = order.number, %arrived, "a change was paid after its licence had changed");
        let (action, subject_id, subject_name) = (Action::PaymentUnmatched, order.id.as_str(), &*order.number);
        let after = json!({ "arrived": arrived, "because": "the licence has changed" });
        tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })?;
    }
    ending::close(tx, by, order).map(drop)
}
