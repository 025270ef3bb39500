//! Placing an order.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::coupons::{self, NoDiscount};
use super::order::{Order, Row, Status, stored};
use super::pricing::{self, NotSold, Quote, Wanted};
use super::settle;
use crate::access::{Actor, Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::billing::bill::Bill;
use crate::billing::numbers::{self, Series};
use crate::catalogue::contents::Term as PlanTerm;
use crate::db::{DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId};
use crate::licences::terms::Term;
use crate::limits::{Allowance, TooOften};
use crate::orders::item::Item;
use crate::organizations::details::Detail;
use crate::organizations::organization;
use crate::rates::Limit;
use crate::schema::{licences, orders};
use crate::secrets::digest;

/// For how long a pending order can be paid.
pub const PENDING: Duration = Duration::hours(24);
/// How many an Organization has pending at a time.
pub const MOST_PENDING: i64 = 20;

/// A form of the checkout.
#[derive(Clone, Debug)]
pub struct Asked {
    pub wanted: Wanted,
    /// As it was typed. Empty without one.
    pub coupon: String,
    /// The key of the form.
    pub key: String,
    /// From where, since wrong codes are counted.
    pub network: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is there, by this form now or before. What costs nothing is paid already.
    Placed(Box<Order>),
    /// The key of the form stands for this order, which is another one.
    OtherWithKey(Box<Order>),
    Refused(Refusal),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    NotSold(NotSold),
    /// Invoices need more about the Organization.
    Incomplete(Vec<Detail>),
    /// The Organization has had one of this product.
    TrialUsed,
    Coupon(NoDiscount),
    /// Wrong codes.
    TooOften(TooOften),
    /// So many are pending.
    TooManyPending,
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// What a checkout would cost.
#[derive(Clone, Debug)]
pub enum Preview {
    Bill(Box<Bill>),
    Refused(Refusal),
}

/// What is to be paid for what is asked. Nothing is changed, but a wrong code counts as a guess.
pub fn preview(tx: &mut WriteTx, scope: &Scope, asked: &Asked) -> Result<Preview, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::Purchase)? else {
        return Ok(Preview::Refused(Refusal::NotAllowed));
    };
    Ok(match quote(tx, &scope, asked, true)? {
        Ok(quote) => Preview::Bill(Box::new(quote.bill)),
        Err(refusal) => Preview::Refused(refusal),
    })
}

/// Places an order for a plan or for credits.
pub fn place(tx: &mut WriteTx, scope: &Scope, asked: &Asked) -> Result<Place, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::Purchase)? else { return Ok(Place::Refused(Refusal::NotAllowed)) };
    let key = Key::new(&asked.key, &(&asked.wanted, crate::catalogue::coupons::code(&asked.coupon)));
    match earlier(tx, scope.organization_id(), &key)? {
        Earlier::None => {}
        Earlier::Same(order) => return Ok(Place::Placed(order)),
        Earlier::Other(order) => return Ok(Place::OtherWithKey(order)),
    }
    if pending(tx, scope.organization_id())? >= MOST_PENDING {
        return Ok(Place::Refused(Refusal::TooManyPending));
    }
    match quote(tx, &scope, asked, false)? {
        Ok(quote) => {
            store(tx, By::member(&scope), scope.organization_id(), quote, &key).map(Box::new).map(Place::Placed)
        }
        Err(refusal) => Ok(Place::Refused(refusal)),
    }
}

/// What is asked for, priced anew.
fn quote(tx: &mut WriteTx, scope: &Scope, asked: &Asked, is_preview: bool) -> Result<Result<Quote, Refusal>, DbError> {
    let organization = organization::load(tx.connection, scope.organization_id())?;
    let Some(customer) = pricing::customer(tx.connection, &organization)? else {
        return Ok(Err(Refusal::NotSold(NotSold::Withdrawn)));
    };
    let (item, line) = match customer.price(&asked.wanted) {
        Ok(priced) => priced,
        Err(reason) => return Ok(Err(Refusal::NotSold(reason))),
    };
    let is_trial = matches!(&item, Item::Licence(licence) if licence.term == PlanTerm::Trial);
    if let Item::Licence(licence) = &item
        && is_trial
        && had_trial(tx, &organization.id, &licence.product)?
    {
        return Ok(Err(Refusal::TrialUsed));
    }
    // There is no invoice for a trial, and what something costs is told before.
    if !is_trial && !is_preview && !customer.missing.is_empty() {
        return Ok(Err(Refusal::Incomplete(customer.missing)));
    }
    let currency = customer.country.currency;
    let discount = if crate::catalogue::coupons::code(&asked.coupon).is_empty() {
        None
    } else {
        let guesses = [
            (Limit::CouponGuessesNetwork, asked.network.clone()),
            (Limit::CouponGuessesAccount, scope.person().user_id.to_string()),
        ];
        // A right code takes nothing off either once guesses are used up: otherwise going on would pay.
        if let Allowance::Refused(too_often) = tx.look(&guesses)? {
            return Ok(Err(Refusal::TooOften(too_often)));
        }
        match coupons::discount(tx, &organization.id, &asked.coupon, &item, &line, currency)? {
            Ok(discount) => Some(discount),
            Err(NoDiscount::Unknown) => {
                return Ok(Err(match tx.take_each(&guesses)? {
                    Allowance::Granted => Refusal::Coupon(NoDiscount::Unknown),
                    Allowance::Refused(too_often) => Refusal::TooOften(too_often),
                }));
            }
            Err(refusal) => return Ok(Err(Refusal::Coupon(refusal))),
        }
    };
    let bill = customer.bill(currency, vec![line], discount);
    Ok(Ok(customer.quote(item, bill)))
}

/// Whether the Organization has or had a trial of a product, however it came by it.
fn had_trial(tx: &mut WriteTx, organization: &OrganizationId, product: &str) -> Result<bool, DbError> {
    let trials = licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::product.eq(product))
        .filter(licences::term.eq(Term::Trial));
    Ok(diesel::select(diesel::dsl::exists(trials.select(licences::id))).get_result(tx.connection)?)
}

/// How many orders of an Organization are pending. Counted no further than the most.
pub fn pending(tx: &mut WriteTx, organization: &OrganizationId) -> Result<i64, DbError> {
    let rows = orders::table
        .filter(orders::organization_id.eq(organization))
        .filter(orders::status.eq(Status::Pending))
        .limit(MOST_PENDING);
    let ids: Vec<OrderId> = rows.select(orders::id).load(tx.connection)?;
    Ok(ids.len() as i64)
}

/// The key of a form or of a job, with what was asked for by it.
pub struct Key {
    key: String,
    asked: String,
}

impl Key {
    pub fn new(key: &str, asked: &impl serde::Serialize) -> Self {
        Self { key: digest(key), asked: digest(&stored(asked)) }
    }
}

/// What a key stands for already.
#[derive(Debug)]
pub enum Earlier {
    None,
    Same(Box<Order>),
    /// By it something else was asked for.
    Other(Box<Order>),
}

/// The order that was placed by a key. The Organization is locked, so that there is one at the most.
pub fn earlier(tx: &mut WriteTx, organization: &OrganizationId, key: &Key) -> Result<Earlier, DbError> {
    let row = orders::table.filter(orders::organization_id.eq(organization)).filter(orders::order_key.eq(&key.key));
    let Some(row) = row.select(Row::as_select()).first::<Row>(tx.connection).optional()? else {
        return Ok(Earlier::None);
    };
    let is_same = row.asked_hash == key.asked;
    let order = Box::new(Order::try_from(row)?);
    Ok(if is_same { Earlier::Same(order) } else { Earlier::Other(order) })
}

/// Stores an order, pending; one that costs nothing is settled at once. The caller has decided that it may be placed, holds the lock on
/// the Organization, and has seen that nothing was placed by the key before.
pub fn store(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    quote: Quote,
    key: &Key,
) -> Result<Order, DbError> {
    let person = if let Actor::Person(person) = by.actor() { Some(person) } else { None };
    let row = Row {
        id: OrderId::new(tx.now),
        organization_id: organization.clone(),
        number: numbers::next(tx, Series::Order, &quote.prefix)?,
        placed_by: person.map(|person| person.user_id.clone()),
        placed_by_name: by.actor().name(),
        kind: quote.item.kind(),
        item: stored(&quote.item),
        bill: stored(&quote.bill),
        seller: stored(&quote.seller),
        buyer: stored(&quote.buyer),
        currency: quote.bill.currency,
        total: quote.bill.total,
        coupon: quote.coupon,
        order_key: key.key.clone(),
        asked_hash: key.asked.clone(),
        status: Status::Pending,
        placed_at: tx.now,
        ends_at: tx.now + PENDING,
        paid_at: None,
        ended_at: None,
        refunded: 0,
        licence_id: quote.item.changes(),
        made: None,
    };
    diesel::insert_into(orders::table).values(&row).execute(tx.connection)?;
    let order = Order::try_from(row)?;
    coupons::take(tx, &order)?;
    let after =
        json!({ "item": order.item.to_string(), "total": order.bill.total().to_string(), "coupon": order.coupon });
    let (action, subject_id, subject_name) = (Action::OrderPlaced, order.id.as_str(), &*order.number);
    tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })?;
    if order.bill.total == 0 { settle::settle_free(tx, order) } else { Ok(order) }
}
