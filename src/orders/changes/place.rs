//! Ordering a change of a licence.

use diesel::prelude::*;

use super::prepare::{Prepared, Refusal, Wanted, prepare};
use crate::access::Scope;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrderId};
use crate::licences::changes::state;
use crate::licences::seats;
use crate::orders::ending;
use crate::orders::order::{self, Order, Status};
use crate::orders::place::{self, Earlier, Key, MOST_PENDING};
use crate::organizations::organization;
use crate::schema::orders;

/// A form that confirms a change.
#[derive(Clone, Debug)]
pub struct Asked {
    pub licence: LicenceId,
    pub wanted: Wanted,
    /// The key of the form.
    pub key: String,
    /// The total that the form showed. It decides nothing but whether that was this.
    pub shown: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is there, by this form now or before. What costs nothing is paid already.
    Placed(Box<Order>),
    /// The key of the form stands for this order, which is another one.
    OtherWithKey(Box<Order>),
    /// It costs something else by now: it is to be shown again.
    OtherPrice,
    Refused(Refusal),
}

/// Orders a change of a licence, and ends every other change of it that is not paid.
pub fn place(tx: &mut WriteTx, scope: &Scope, asked: &Asked) -> Result<Place, DbError> {
    let Some(scope) = scope.lock_for(tx, asked.wanted.permission())? else {
        return Ok(Place::Refused(Refusal::NotAllowed));
    };
    let organization = scope.organization_id();
    let key = Key::new(&asked.key, &(asked.licence.as_str(), &asked.wanted));
    match place::earlier(tx, organization, &key)? {
        Earlier::None => {}
        Earlier::Same(order) => return Ok(Place::Placed(order)),
        Earlier::Other(order) => return Ok(Place::OtherWithKey(order)),
    }
    let Some(licence) = state::locked(tx, organization, &asked.licence)? else {
        return Ok(Place::Refused(Refusal::Gone));
    };
    let used = seats::used(tx.connection, &licence.id)?;
    let (customer, now) = (organization::load(tx.connection, organization)?, tx.now);
    let Prepared { quote, .. } = match prepare(tx.connection, &customer, (&licence, used), &asked.wanted, now)? {
        Ok(prepared) => prepared,
        Err(refusal) => return Ok(Place::Refused(refusal)),
    };
    if quote.bill.total != asked.shown {
        return Ok(Place::OtherPrice);
    }
    end_others(tx, &scope, &licence.id)?;
    if place::pending(tx, organization)? >= MOST_PENDING {
        return Ok(Place::Refused(Refusal::TooManyPending));
    }
    place::store(tx, By::member(&scope), organization, quote, &key).map(Box::new).map(Place::Placed)
}

/// Two changes that are paid for the same state of a licence would be one too many.
fn end_others(tx: &mut WriteTx, scope: &Scope, licence: &LicenceId) -> Result<(), DbError> {
    let pending: Vec<OrderId> = orders::table
        .filter(orders::licence_id.eq(licence))
        .filter(orders::organization_id.eq(scope.organization_id()))
        .filter(orders::status.eq(Status::Pending))
        .order(orders::id)
        .select(orders::id)
        .load(tx.connection)?;
    for id in pending {
        if let Some(order) = order::lock(tx, scope.organization_id(), &id)? {
            ending::close(tx, By::member(scope), &order)?;
        }
    }
    Ok(())
}
