//! Giving back what the sandbox never took.

use diesel::prelude::*;

use super::{charges, new_id};
use crate::db::{DbError, WriteTx};
use crate::payments::provider::NewRefund;
use crate::schema::sandbox_refunds;
use crate::time::Timestamp;

#[derive(Insertable)]
#[diesel(table_name = sandbox_refunds)]
struct Row<'a> {
    id: &'a str,
    reference: &'a str,
    payment: &'a str,
    amount: i64,
    created_at: Timestamp,
}

pub(super) enum Refund {
    /// By its id.
    Refunded(String),
    /// There is no such payment.
    Unknown,
    /// More than is left of it.
    TooMuch,
}

/// Gives back; the same answer where it was asked for already.
pub(super) fn refund(tx: &mut WriteTx, new: &NewRefund) -> Result<Refund, DbError> {
    tx.lock_row("sandbox_payments", &new.provider_payment)?;
    let same = sandbox_refunds::table.filter(sandbox_refunds::reference.eq(&new.key));
    if let Some(id) = same.select(sandbox_refunds::id).first(tx.connection).optional()? {
        return Ok(Refund::Refunded(id));
    }
    let payment = charges::payment(tx.connection, &new.provider_payment)?;
    let Some(payment) = payment.filter(charges::Payment::is_paid) else { return Ok(Refund::Unknown) };
    let refunds = sandbox_refunds::table.filter(sandbox_refunds::payment.eq(&new.provider_payment));
    let before: Vec<i64> = refunds.select(sandbox_refunds::amount).load(tx.connection)?;
    let is_of_payment = payment.amount().currency == new.amount.currency;
    if !is_of_payment || new.amount.minor <= 0 || before.iter().sum::<i64>() + new.amount.minor > payment.amount {
        return Ok(Refund::TooMuch);
    }
    let id = new_id("sbx_refund");
    let row = Row {
        id: &id,
        reference: &new.key,
        payment: &new.provider_payment,
        amount: new.amount.minor,
        created_at: tx.now,
    };
    diesel::insert_into(sandbox_refunds::table).values(row).execute(tx.connection)?;
    Ok(Refund::Refunded(id))
}
