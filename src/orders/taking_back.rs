//! Taking back what came of an order whose money is given back whole.

use super::fulfil::credits_reference;
use super::item::Item;
use super::order::Order;
use super::renewals;
use crate::audit::By;
use crate::credits::reverse::{Reverse, reverse};
use crate::db::{DbError, WriteTx};
use crate::licences::changes::undo::{Undo, undo};
use crate::licences::ending;

/// What was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Only money was given back.
    Nothing,
    /// The licence ended, and so many credits that had come with its term and were not spent.
    Licence { credits: i64 },
    /// Credits that were left, and those that had been spent or had expired.
    Credits { taken: i64, gone: i64 },
    /// The licence is what it was before its change or its renewal, and so many credits that had come with that were not spent.
    Change { credits: i64 },
    /// The licence stays as it is, since it has changed or was renewed since. Only money was given back.
    ChangedSince,
    /// The licence stays as it is, since more people have a seat than there would be. Only money was given back.
    InUse { seats: i32, used: i64 },
}

/// The Organization is locked.
pub(super) fn take_back(tx: &mut WriteTx, by: By<'_>, order: &Order) -> Result<Taken, DbError> {
    match &order.item {
        Item::Licence(_) => {
            let Some(licence) = &order.licence_id else { return Ok(Taken::Nothing) };
            let references = ending::end_now(tx, by, &order.organization_id, licence)?;
            Ok(Taken::Licence { credits: reverse_all(tx, by, order, &references)? })
        }
        Item::Credits(item) | Item::TopUp(item) => {
            let taken = reverse_all(tx, by, order, &[credits_reference(&order.id)])?;
            Ok(Taken::Credits { taken, gone: i64::from(item.credits) - taken })
        }
        Item::Renewal(_) | Item::Change(_) => {
            // Whoever paid before this was kept gets money alone.
            let (Some(licence), Some(made)) = (&order.licence_id, &order.made) else { return Ok(Taken::ChangedSince) };
            Ok(match undo(tx, by, &order.organization_id, licence, made)? {
                Undo::Undone { credits } => {
                    renewals::settled::taken_back(tx, &order.id)?;
                    Taken::Change { credits: reverse_all(tx, by, order, &credits)? }
                }
                Undo::InUse { seats, used } => Taken::InUse { seats, used },
                Undo::Changed | Undo::Gone => Taken::ChangedSince,
            })
        }
    }
}

/// How many credits were left of these.
fn reverse_all(tx: &mut WriteTx, by: By<'_>, order: &Order, references: &[String]) -> Result<i64, DbError> {
    let mut taken = 0;
    for reference in references {
        taken += match reverse(tx, by, &order.organization_id, reference)? {
            Reverse::Reversed { entry, .. } => -entry.amount,
            Reverse::Already(_) | Reverse::NothingLeft(_) | Reverse::NotReversible(_) | Reverse::Unknown => 0,
        };
    }
    Ok(taken)
}
