//! A licence by a plan, with the credits of its first term.

use super::Fulfilled;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::licences::issue::{Given, Sold, issue};
use crate::licences::terms::{Term, support_end};
use crate::money::Money;
use crate::orders::item::LicenceItem;
use crate::orders::order::Order;

pub(super) fn fulfil(tx: &mut WriteTx, by: By<'_>, order: &Order, item: &LicenceItem) -> Result<Fulfilled, DbError> {
    let term = Term::of_plan(item.term);
    let term = term.ok_or_else(|| DbError::Unexpected(format!("{} is for a plan without a licence", order.id)))?;
    let seats = item.seats.saturating_mul(item.quantity);
    let given = Given {
        product: item.product.clone(),
        plan: item.plan.clone(),
        term,
        seats: seats.try_into().unwrap_or(u16::MAX),
        includes: item.includes.clone(),
        support_until: support_end(tx.now, item.support_months),
        sold: Some(Sold {
            product_key: item.product_key.clone(),
            plan_key: item.plan_key.clone(),
            quantity: item.quantity,
            unit_price: Money { minor: item.unit_price, currency: order.bill.currency },
            credits: item.credits.saturating_mul(item.quantity),
        }),
    };
    let licence = issue(tx, by, &order.organization_id, &given)?;
    Ok(Fulfilled { licence: Some(licence), is_stale: false, ..Fulfilled::default() })
}
