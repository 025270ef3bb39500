//! Ending an order that nobody paid.

use diesel::prelude::*;
use serde_json::Value;

use super::coupons;
use super::held::{Hold, hold};
use super::order::{self, Order, Status};
use super::payment::{self, Status as PaymentStatus};
use crate::access::{Actor, Permission, Scope, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId};
use crate::schema::orders;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Ended,
    /// It had ended before.
    Already,
    /// It is paid, and stays so.
    Paid,
    /// The portal placed it, and ends it by itself.
    OfPortal,
    /// The role of this moment lacks what placing it took.
    NotAllowed(Permission),
    Gone,
}

/// Ends a pending order. The caller has closed its page at the provider.
pub fn end(tx: &mut WriteTx, scope: &Scope, id: &OrderId) -> Result<End, DbError> {
    match hold(tx, scope, id)? {
        Hold::Held(scope, order) => close(tx, By::member(&scope), &order),
        Hold::OfPortal => Ok(End::OfPortal),
        Hold::NotAllowed(needed) => Ok(End::NotAllowed(needed)),
        Hold::Gone => Ok(End::Gone),
    }
}

/// The same for one that was pending too long.
pub fn end_overdue(tx: &mut WriteTx, organization: &OrganizationId, id: &OrderId) -> Result<End, DbError> {
    lock_organization(tx, organization)?;
    let Some(order) = order::lock(tx, organization, id)? else { return Ok(End::Gone) };
    close(tx, By::outside(Actor::Job, organization), &order)
}

/// The same for one that is locked.
pub(super) fn close(tx: &mut WriteTx, by: By<'_>, order: &Order) -> Result<End, DbError> {
    match order.status {
        Status::Pending => {}
        Status::Paid => return Ok(End::Paid),
        Status::Ended => return Ok(End::Already),
    }
    diesel::update(orders::table.find(&order.id))
        .set((orders::status.eq(Status::Ended), orders::ended_at.eq(tx.now)))
        .execute(tx.connection)?;
    for payment in payment::of_order(tx.connection, &order.id)? {
        payment::close(tx, &payment.id, PaymentStatus::Ended, &payment.failure)?;
    }
    coupons::give_back(tx, order)?;
    let (action, subject_id, subject_name) = (Action::OrderEnded, order.id.as_str(), &*order.number);
    tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after: Value::Null })?;
    Ok(End::Ended)
}

/// Pending orders whose time is over, oldest first.
pub fn overdue(
    connection: &mut Connection,
    now: Timestamp,
    most: i64,
) -> Result<Vec<(OrganizationId, OrderId)>, DbError> {
    let rows = orders::table
        .filter(orders::status.eq(Status::Pending))
        .filter(orders::ends_at.le(now))
        .order(orders::ends_at)
        .limit(most);
    Ok(rows.select((orders::organization_id, orders::id)).load(connection)?)
}
