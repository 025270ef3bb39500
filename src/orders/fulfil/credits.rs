//! A package of credits.

use super::Fulfilled;
use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::Source;
use crate::credits::grant::{Grant, NewGrant, grant};
use crate::credits::reference::{Origin, Reference};
use crate::db::{DbError, WriteTx};
use crate::ids::OrderId;
use crate::orders::item::CreditsItem;
use crate::orders::order::Order;

/// What the credits of an order are known by in the ledger.
pub fn reference(order: &OrderId) -> String {
    Origin::Order(order.clone()).to_string()
}

pub(super) fn fulfil(tx: &mut WriteTx, by: By<'_>, order: &Order, item: &CreditsItem) -> Result<Fulfilled, DbError> {
    let wrong = |what: String| DbError::Unexpected(format!("the credits of {}: {what}", order.id));
    let amount = Amount::new(item.credits.into()).ok_or_else(|| wrong(item.credits.to_string()))?;
    let reference = Reference::parse(&reference(&order.id));
    let note = format!("Order {}", order.number);
    let new = NewGrant { amount, source: Source::Purchase, ends_at: None, reference: reference.as_ref(), note: &note };
    match grant(tx, by, &order.organization_id, &new)? {
        Grant::Granted(_) => Ok(Fulfilled::default()),
        other => Err(wrong(format!("{other:?}"))),
    }
}
