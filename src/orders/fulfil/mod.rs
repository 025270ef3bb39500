//! Giving what was bought, a file for each kind of item.

mod credits;
mod licence;

pub use credits::reference as credits_reference;

use super::item::Item;
use super::order::Order;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;

/// What came of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fulfilled {
    /// The licence that was given, or that was changed.
    pub licence: Option<LicenceId>,
}

/// Gives an Organization what it has paid for. It and the order are locked, and it is done once: it stands in the transaction that
/// settles the order.
pub(super) fn fulfil(tx: &mut WriteTx, order: &Order) -> Result<Fulfilled, DbError> {
    let by = By::outside(order.actor(), &order.organization_id);
    match &order.item {
        Item::Licence(item) => licence::fulfil(tx, by, order, item),
        Item::Credits(item) => credits::fulfil(tx, by, order, item),
    }
}
