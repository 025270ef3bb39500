//! Telling whoever placed an order, where somebody did and is still there.

use diesel::prelude::*;

use super::mail::{MoneyBack, Receipt};
use super::order::Order;
use crate::db::{DbError, WriteTx};
use crate::money::Money;
use crate::schema::{organizations, users};

/// Who is told, and what stands in each such mail.
struct Told {
    email: String,
    first_name: String,
    organization: String,
    link: String,
}

fn told(tx: &mut WriteTx, order: &Order) -> Result<Option<Told>, DbError> {
    let Some(buyer) = &order.placed_by else { return Ok(None) };
    let holder = users::table.filter(users::id.eq(&buyer.user_id)).select((users::email, users::first_name));
    let Some((email, first_name)) = holder.first::<(String, String)>(tx.connection).optional()? else {
        return Ok(None);
    };
    let of = organizations::table.filter(organizations::id.eq(&order.organization_id));
    let (slug, organization): (String, String) =
        of.select((organizations::slug, organizations::name)).first(tx.connection)?;
    let link = tx.context.links.to(&format!("/organizations/{slug}/plans/orders/{}", order.id));
    Ok(Some(Told { email, first_name, organization, link }))
}

/// That it is paid.
pub(super) fn receipt(tx: &mut WriteTx, order: &Order, method: &str) -> Result<(), DbError> {
    let Some(Told { email, first_name, organization, link }) = told(tx, order)? else { return Ok(()) };
    let receipt = Receipt {
        first_name,
        organization,
        number: order.number.clone(),
        what: order.item.to_string(),
        total: order.bill.total().to_string(),
        method: method.to_owned(),
        link,
    };
    tx.send_once(&email, &receipt, &format!("receipt {}", order.id)).map(drop)
}

/// That what was paid too late is given back. `once` names the refund.
pub(super) fn given_back(tx: &mut WriteTx, order: &Order, amount: Money, once: &str) -> Result<(), DbError> {
    let Some(Told { email, first_name, organization, link }) = told(tx, order)? else { return Ok(()) };
    let (number, what) = (order.number.clone(), order.item.to_string());
    let mail = MoneyBack { first_name, organization, number, what, amount: amount.to_string(), link };
    tx.send_once(&email, &mail, &format!("money back {once}")).map(drop)
}
