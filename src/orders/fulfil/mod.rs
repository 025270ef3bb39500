//! Giving what was bought, a file for each kind of item.

mod change;
mod credits;
mod licence;
mod renewal;

pub use credits::reference as credits_reference;

use super::item::Item;
use super::order::Order;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::changes::state::locked;
use crate::licences::changes::undo::Made;
use crate::orders::top_up;

/// What came of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fulfilled {
    /// The licence that was given, or that was changed.
    pub licence: Option<LicenceId>,
    /// What was made of a licence that was there before.
    pub made: Option<Made>,
    /// Nothing was changed: the licence is not any more what its change was ordered for.
    pub is_stale: bool,
}

/// Gives an Organization what it has paid for. It and the order are locked, and it is done once: it stands in the transaction that
/// settles the order.
pub(super) fn fulfil(tx: &mut WriteTx, order: &Order) -> Result<Fulfilled, DbError> {
    let by = By::outside(order.actor(), &order.organization_id);
    let organization = &order.organization_id;
    let licence = match &order.item {
        Item::Renewal(item) => LicenceId::parse(&item.licence),
        item => item.changes(),
    };
    let before = match licence {
        Some(licence) => locked(tx, organization, &licence)?,
        None => None,
    };
    let fulfilled = give(tx, by, order)?;
    let Some(before) = before.filter(|_| !fulfilled.is_stale) else { return Ok(fulfilled) };
    let after = locked(tx, organization, &before.id)?;
    Ok(Fulfilled { made: after.map(|after| Made::of(&before, &after)), ..fulfilled })
}

fn give(tx: &mut WriteTx, by: By<'_>, order: &Order) -> Result<Fulfilled, DbError> {
    match &order.item {
        Item::Licence(item) => licence::fulfil(tx, by, order, item),
        Item::Credits(item) => credits::fulfil(tx, by, order, item),
        Item::TopUp(item) => {
            let fulfilled = credits::fulfil(tx, by, order, item)?;
            top_up::settled::settled(tx, &order.organization_id, &order.id)?;
            Ok(fulfilled)
        }
        Item::Renewal(item) => renewal::fulfil(tx, by, order, item),
        Item::Change(item) => change::fulfil(tx, by, order, item),
    }
}
