//! A change of a licence.

use super::Fulfilled;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::licences::changes::raise::{Raise, raise};
use crate::licences::changes::state::{State, locked};
use crate::licences::changes::support::{Extend, extend};
use crate::licences::changes::upgrade::{Upgrade, upgrade};
use crate::licences::renewal::{Renew, renew};
use crate::orders::change_item::{Change, ChangeItem};
use crate::orders::order::Order;

pub(super) fn fulfil(tx: &mut WriteTx, by: By<'_>, order: &Order, item: &ChangeItem) -> Result<Fulfilled, DbError> {
    let (organization, made_for) = (&order.organization_id, &item.of.made_for);
    let id = item.of.licence().ok_or_else(|| DbError::Unexpected(format!("{} names no licence", order.id)))?;
    let is_done = match &item.change {
        Change::Seats { more } => raise(tx, by, organization, &id, *more, made_for)? != Raise::Stale,
        Change::Upgrade { to } => upgrade(tx, by, organization, &id, to, made_for)? == Upgrade::Upgraded,
        Change::Support => extend(tx, by, organization, &id, made_for)? != Extend::Stale,
        Change::Renewal => match locked(tx, organization, &id)? {
            Some(licence) if State::of(&licence) == *made_for => {
                matches!(renew(tx, by, organization, &id)?, Renew::Renewed { .. })
            }
            _ => false,
        },
    };
    Ok(Fulfilled { licence: Some(id), is_stale: !is_done, ..Fulfilled::default() })
}
