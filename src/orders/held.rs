//! An order that somebody is about to pay or to give up.

use super::order::{self, Order};
use crate::access::{Permission, Scope};
use crate::db::{DbError, WriteTx};
use crate::ids::OrderId;

/// Whether somebody may do something about an order.
pub(super) enum Hold {
    /// They may. The Organization and the order are locked.
    Held(Box<Scope>, Box<Order>),
    /// The portal placed it, and nobody else does anything about it.
    OfPortal,
    /// The role of this moment lacks this permission: it takes what placing it took.
    NotAllowed(Permission),
    Gone,
}

pub(super) fn hold(tx: &mut WriteTx, scope: &Scope, id: &OrderId) -> Result<Hold, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ViewOrders)? else {
        return Ok(Hold::NotAllowed(Permission::ViewOrders));
    };
    let Some(order) = order::lock(tx, scope.organization_id(), id)? else { return Ok(Hold::Gone) };
    let needed = order.item.permission();
    Ok(if !scope.may(needed) {
        Hold::NotAllowed(needed)
    } else if order.is_of_portal() {
        Hold::OfPortal
    } else {
        Hold::Held(Box::new(scope), Box::new(order))
    })
}
