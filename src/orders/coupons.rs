//! Coupons at the checkout.

use diesel::prelude::*;

use crate::billing::bill::{Discount, Line};
use crate::catalogue::contents::Coupon;
use crate::catalogue::coupons;
use crate::db::{DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId};
use crate::money::{Currency, Money};
use crate::orders::item::Item;
use crate::orders::order::Order;
use crate::schema::coupon_uses;

/// Why a code takes nothing off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDiscount {
    /// No coupon has this code, or not any more.
    Unknown,
    /// Its last day is over.
    Expired,
    /// It is for other products, or for other currencies.
    NotForThis,
    /// So much must be bought at least.
    BelowMinimum {
        minimum: Money,
    },
    UsedUp,
    /// This customer has used it as often as one may.
    UsedByCustomer,
}

/// What a typed code takes off. The Organization is locked; so is the coupon from here on, so that whoever stores the order uses what
/// was counted.
pub(super) fn discount(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    typed: &str,
    item: &Item,
    line: &Line,
    currency: Currency,
) -> Result<Result<Discount, NoDiscount>, DbError> {
    let code = coupons::code(typed);
    let Some(coupon) = coupons::find(tx.connection, &code)? else { return Ok(Err(NoDiscount::Unknown)) };
    let price = Money { minor: line.amount, currency };
    if coupon.until.as_ref().is_some_and(|until| tx.now.day().to_string() > *until) {
        return Ok(Err(NoDiscount::Expired));
    }
    let amount = match reduction(&coupon, item, price) {
        Ok(amount) => amount,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.lock_name(&format!("coupon {code}"))?;
    let used = coupon_uses::table.filter(coupon_uses::coupon.eq(&code));
    if let Some(most) = coupon.uses {
        let count: i64 = used.count().get_result(tx.connection)?;
        if count >= most.into() {
            return Ok(Err(NoDiscount::UsedUp));
        }
    }
    if let Some(most) = coupon.uses_per_customer {
        let own = used.filter(coupon_uses::organization_id.eq(organization));
        let count: i64 = own.count().get_result(tx.connection)?;
        if count >= most.into() {
            return Ok(Err(NoDiscount::UsedByCustomer));
        }
    }
    Ok(Ok(Discount { code, amount }))
}

/// How much it takes off, whoever asks.
fn reduction(coupon: &Coupon, item: &Item, price: Money) -> Result<i64, NoDiscount> {
    let is_for = |key: &str| coupon.products.iter().any(|product| product == key);
    if price.minor == 0 || !coupon.products.is_empty() && !item.product_key().is_some_and(is_for) {
        return Err(NoDiscount::NotForThis);
    }
    if !coupon.minimum.0.is_empty() {
        let minimum = coupon.minimum.of(price.currency).ok_or(NoDiscount::NotForThis)?;
        if price.minor < minimum.minor {
            return Err(NoDiscount::BelowMinimum { minimum });
        }
    }
    match coupon.percent {
        Some(percent) => Ok(price.part(percent).minor),
        None => {
            coupon.amount.of(price.currency).map(|amount| amount.minor.min(price.minor)).ok_or(NoDiscount::NotForThis)
        }
    }
}

/// Counts the use of a coupon by an order, where it has one: also once more, after it was given back.
pub(super) fn take(tx: &mut WriteTx, order: &Order) -> Result<(), DbError> {
    let Some(coupon) = &order.coupon else { return Ok(()) };
    let taken = coupon_uses::table.find(&order.id).select(coupon_uses::order_id);
    if taken.first::<OrderId>(tx.connection).optional()?.is_none() {
        let row = (
            coupon_uses::order_id.eq(&order.id),
            coupon_uses::coupon.eq(coupon),
            coupon_uses::organization_id.eq(&order.organization_id),
        );
        diesel::insert_into(coupon_uses::table).values(row).execute(tx.connection)?;
    }
    Ok(())
}

/// Gives back the use that a pending order held.
pub(super) fn give_back(tx: &mut WriteTx, order: &Order) -> Result<(), DbError> {
    diesel::delete(coupon_uses::table.find(&order.id)).execute(tx.connection)?;
    Ok(())
}
