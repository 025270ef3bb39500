//! Taking back what came of an order whose money is given back whole.

use super::fulfil::credits_reference;
use super::item::Item;
use super::order::Order;
use crate::audit::By;
use crate::credits::reverse::{Reverse, reverse};
use crate::db::{DbError, WriteTx};
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
}

/// The Organization is locked.
pub(super) fn take_back(tx: &mut WriteTx, by: By<'_>, order: &Order) -> Result<Taken, DbError> {
    match &order.item {
        Item::Licence(_) => {
            let Some(licence) = &order.licence_id else { return Ok(Taken::Nothing) };
            let references = ending::end_now(tx, by, &order.organization_id, licence)?;
            let mut credits = 0;
            for reference in references {
                credits += taken(reverse(tx, by, &order.organization_id, &reference)?);
            }
            Ok(Taken::Licence { credits })
        }
        Item::Credits(item) => {
            let outcome = reverse(tx, by, &order.organization_id, &credits_reference(&order.id))?;
            let taken = taken(outcome);
            Ok(Taken::Credits { taken, gone: i64::from(item.credits) - taken })
        }
    }
}

fn taken(outcome: Reverse) -> i64 {
    match outcome {
        Reverse::Reversed { entry, .. } => -entry.amount,
        Reverse::Already(_) | Reverse::NothingLeft(_) | Reverse::NotReversible(_) | Reverse::Unknown => 0,
    }
}
