//! Payments of the sandbox, on its pages and while nobody is there, and the methods that they are made with.

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::cards::Card;
use super::{events, new_id};
use crate::db::{Connection, DbError, WriteTx};
use crate::money::{Currency, Money};
use crate::payments::provider::{Charge, Method, NewCharge, Paid};
use crate::schema::{sandbox_methods, sandbox_payments};
use crate::time::Timestamp;

/// For how many years cards are good.
const GOOD_FOR_YEARS: i32 = 3;

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sandbox_methods, treat_none_as_default_value = false)]
pub(super) struct StoredMethod {
    id: String,
    customer: String,
    card: Card,
    good_until: NaiveDate,
    forgotten_at: Option<Timestamp>,
}

impl StoredMethod {
    pub(super) fn shown(self) -> Method {
        Method { shown: self.card.shown(self.good_until), customer: self.customer, id: self.id }
    }
}

/// Keeps a card for a customer.
pub(super) fn keep(tx: &mut WriteTx, customer: &str, card: Card) -> Result<Method, DbError> {
    // The last day of a month.
    let year = tx.now.day().year() + GOOD_FOR_YEARS;
    let good_until = NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default();
    let kept =
        StoredMethod { id: new_id("sbx_method"), customer: customer.to_owned(), card, good_until, forgotten_at: None };
    diesel::insert_into(sandbox_methods::table).values(&kept).execute(tx.connection)?;
    Ok(kept.shown())
}

pub(super) fn method(connection: &mut Connection, id: &str) -> Result<Option<StoredMethod>, DbError> {
    Ok(sandbox_methods::table.find(id).select(StoredMethod::as_select()).first(connection).optional()?)
}

pub(super) fn forget(tx: &mut WriteTx, id: &str) -> Result<(), DbError> {
    diesel::update(sandbox_methods::table.find(id))
        .set(sandbox_methods::forgotten_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sandbox_payments, treat_none_as_default_value = false)]
pub(super) struct Payment {
    id: String,
    reference: String,
    pub(super) amount: i64,
    currency: Currency,
    method: Option<String>,
    declined: String,
    created_at: Timestamp,
}

impl Payment {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn amount(&self) -> Money {
        Money { minor: self.amount, currency: self.currency }
    }

    pub(super) fn is_paid(&self) -> bool {
        self.declined.is_empty()
    }

    pub(super) fn charge(&self, method: Option<Method>) -> Charge {
        if !self.is_paid() {
            return Charge::Declined { reason: self.declined.clone() };
        }
        Charge::Paid(Paid { provider_payment: self.id.clone(), amount: self.amount(), method })
    }
}

pub(super) fn payment(connection: &mut Connection, id: &str) -> Result<Option<Payment>, DbError> {
    Ok(sandbox_payments::table.find(id).select(Payment::as_select()).first(connection).optional()?)
}

/// The payment for one of our rows.
pub(super) fn of(connection: &mut Connection, reference: &str) -> Result<Option<Payment>, DbError> {
    let same = sandbox_payments::table.filter(sandbox_payments::reference.eq(reference));
    Ok(same.select(Payment::as_select()).first(connection).optional()?)
}

/// Stores a payment, and answers what it is called.
pub(super) fn store(
    tx: &mut WriteTx,
    reference: &str,
    amount: Money,
    method: Option<&str>,
    declined: &str,
) -> Result<Payment, DbError> {
    let payment = Payment {
        id: new_id("sbx_payment"),
        reference: reference.to_owned(),
        amount: amount.minor,
        currency: amount.currency,
        method: method.map(str::to_owned),
        declined: declined.to_owned(),
        created_at: tx.now,
    };
    diesel::insert_into(sandbox_payments::table).values(&payment).execute(tx.connection)?;
    Ok(payment)
}

/// Charges a method that was kept; the same answer where it was asked for already.
pub(super) fn charge(tx: &mut WriteTx, new: &NewCharge) -> Result<Payment, DbError> {
    let reference = new.payment.as_str();
    tx.lock_name(&format!("sandbox {reference}"))?;
    if let Some(there) = of(tx.connection, reference)? {
        return Ok(there);
    }
    let payment = charge_untold(tx, new)?;
    match payment.is_paid() {
        true => events::paid(tx, reference, payment.id(), new.amount, None)?,
        false => events::declined(tx, reference, &payment.declined)?,
    }
    Ok(payment)
}

/// The same for the first time, without an event.
pub(super) fn charge_untold(tx: &mut WriteTx, new: &NewCharge) -> Result<Payment, DbError> {
    let known = method(tx.connection, &new.method)?;
    let usable = known.filter(|method| method.customer == new.customer && method.forgotten_at.is_none());
    let declined = match &usable {
        None => Some("The payment method was removed."),
        Some(method) if method.good_until < tx.now.day() => Some("The card has expired."),
        Some(method) => method.card.declined_later(),
    };
    store(tx, new.payment.as_str(), new.amount, Some(&new.method), declined.unwrap_or_default())
}
