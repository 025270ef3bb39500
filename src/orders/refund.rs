//! Giving money back. The row is stored before the provider is asked, and its id is what the provider knows it by: whoever is not sure
//! asks again, and the money goes once.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use serde_json::json;

use super::order::{self, Order, Status as OrderStatus};
use super::payment::{self, Payment, Status as PaymentStatus};
use super::taking_back::{self, Taken};
use crate::access::{Operator, lock_organization};
use crate::audit::{Action, By, Change};
use crate::catalogue::on_sale;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId, PaymentId, RefundId};
use crate::invoices::credit::{Credit, NewCreditNote, credit};
use crate::invoices::invoice;
use crate::schema::{orders, refunds};
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How far a refund is, by the key that is stored.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// The provider was asked, or will be.
    Asked,
    Done,
    Refused,
}

stored_as_text!(Status);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = refunds, treat_none_as_default_value = false)]
pub struct Refund {
    pub id: RefundId,
    pub order_id: OrderId,
    pub organization_id: OrganizationId,
    pub payment_id: PaymentId,
    pub status: Status,
    /// In minor units of the currency of the order.
    pub amount: i64,
    pub provider_refund: Option<String>,
    pub by_name: String,
    pub failure: String,
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The provider is to be asked for this, which may have been begun before.
    Asked {
        order: Box<Order>,
        payment: Box<Payment>,
        refund: Box<Refund>,
    },
    /// Nothing was paid, or nothing was to be paid.
    NotPaid,
    /// That is more than what is left of it, or nothing at all.
    NotSoMuch {
        order: Box<Order>,
        left: i64,
    },
    Unknown,
}

/// Begins to give back so much of an order, or all that is left of it. One that was begun before is gone on with, whatever is asked.
pub fn ask(tx: &mut WriteTx, by: &Operator, number: &str, amount: Option<i64>) -> Result<Ask, DbError> {
    let Some(seen) = order::numbered(tx.connection, number)? else { return Ok(Ask::Unknown) };
    lock_organization(tx, &seen.organization_id)?;
    let Some(order) = order::lock(tx, &seen.organization_id, &seen.id)? else { return Ok(Ask::Unknown) };
    let payments = payment::of_order(tx.connection, &order.id)?;
    let paid = payments.into_iter().find(|payment| payment.status == PaymentStatus::Paid);
    let (OrderStatus::Paid, Some(payment)) = (order.status, paid) else { return Ok(Ask::NotPaid) };
    let (order, payment) = (Box::new(order), Box::new(payment));
    let begun = refunds::table.filter(refunds::order_id.eq(&order.id)).filter(refunds::status.eq(Status::Asked));
    let begun: Option<Refund> = begun.select(Refund::as_select()).first(tx.connection).optional()?;
    if let Some(refund) = begun {
        return Ok(Ask::Asked { order, payment, refund: Box::new(refund) });
    }
    let left = order.bill.total - order.refunded;
    let amount = amount.unwrap_or(left);
    if !(1..=left).contains(&amount) {
        return Ok(Ask::NotSoMuch { order, left });
    }
    let refund = store(tx, &payment, amount, by.name.clone())?;
    Ok(Ask::Asked { order, payment, refund: Box::new(refund) })
}

/// Stores that the provider is to be asked to give so much of a payment back.
pub fn store(tx: &mut WriteTx, payment: &Payment, amount: i64, by_name: String) -> Result<Refund, DbError> {
    let refund = Refund {
        id: RefundId::new(tx.now),
        order_id: payment.order_id.clone(),
        organization_id: payment.organization_id.clone(),
        payment_id: payment.id.clone(),
        status: Status::Asked,
        amount,
        provider_refund: None,
        by_name,
        failure: String::new(),
        created_at: tx.now,
        done_at: None,
    };
    diesel::insert_into(refunds::table).values(&refund).execute(tx.connection)?;
    Ok(refund)
}

pub fn find(connection: &mut Connection, id: &RefundId) -> Result<Option<Refund>, DbError> {
    Ok(refunds::table.find(id).select(Refund::as_select()).first(connection).optional()?)
}

/// Stores that the provider gave back what was asked for. False where that was stored before.
pub(super) fn done(tx: &mut WriteTx, id: &RefundId, provider_refund: &str) -> Result<bool, DbError> {
    let asked = refunds::table.filter(refunds::id.eq(id)).filter(refunds::status.eq(Status::Asked));
    let changes =
        (refunds::status.eq(Status::Done), refunds::provider_refund.eq(provider_refund), refunds::done_at.eq(tx.now));
    Ok(diesel::update(asked).set(changes).execute(tx.connection)? == 1)
}

/// What giving back came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    pub taken: Taken,
    /// The number of the credit note.
    pub credit_note: Option<String>,
}

/// Stores that the provider gave the money back: with the last of it goes what was bought. `None` where that was stored before.
pub fn finish(
    tx: &mut WriteTx,
    by: &Operator,
    refund: &Refund,
    provider_refund: &str,
) -> Result<Option<Finished>, DbError> {
    let organization = &refund.organization_id;
    lock_organization(tx, organization)?;
    let gone = || DbError::Unexpected(format!("the order of {}", refund.id));
    let order = order::lock(tx, organization, &refund.order_id)?.ok_or_else(gone)?;
    if !done(tx, &refund.id, provider_refund)? {
        return Ok(None);
    }
    let refunded = order.refunded + refund.amount;
    diesel::update(orders::table.find(&order.id)).set(orders::refunded.eq(refunded)).execute(tx.connection)?;
    let by = By::operator_in(by, organization);
    let change = Change {
        action: Action::OrderRefunded,
        subject_id: order.id.as_str(),
        subject_name: &order.number,
        before: json!({ "refunded": order.bill.money(order.refunded).to_string() }),
        after: json!({ "refunded": order.bill.money(refunded).to_string() }),
    };
    tx.record(by, change)?;
    let is_whole = refunded == order.bill.total;
    let taken = if is_whole { taking_back::take_back(tx, by, &order)? } else { Taken::Nothing };
    // Last, since it takes the lock on the numbers.
    Ok(Some(Finished { taken, credit_note: credit_note(tx, by, &order, refund.amount)? }))
}

fn credit_note(tx: &mut WriteTx, by: By<'_>, order: &Order, amount: i64) -> Result<Option<String>, DbError> {
    let Some(invoice) = invoice::of_order(tx.connection, &order.id)? else { return Ok(None) };
    let prefix = on_sale::seller(tx.connection)?.map_or_else(String::new, |seller| seller.credit_note_prefix);
    let reason = format!("Refund of order {}", order.number);
    let new = NewCreditNote {
        organization: &order.organization_id,
        invoice: &invoice,
        total: Some(amount),
        reason: &reason,
        prefix: &prefix,
    };
    match credit(tx, by, &new)? {
        Credit::Credited(note) => Ok(Some(note.number)),
        other => Err(DbError::Unexpected(format!("the credit note of {}: {other:?}", order.id))),
    }
}

/// Stores that the provider refused, and why.
pub fn refuse(tx: &mut WriteTx, refund: &RefundId, reason: &str) -> Result<(), DbError> {
    diesel::update(refunds::table.filter(refunds::id.eq(refund)).filter(refunds::status.eq(Status::Asked)))
        .set((refunds::status.eq(Status::Refused), refunds::failure.eq(reason), refunds::done_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}
