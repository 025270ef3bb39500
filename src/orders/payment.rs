//! Attempts to pay orders.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use super::held::{Hold, hold};
use super::order::{Order, Status as OrderStatus};
use crate::access::{Permission, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId, PaymentId};
use crate::money::{Currency, Money};
use crate::payments::provider::ProviderKind;
use crate::schema::payments;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How far a payment is, by the key that is stored.
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
    /// It can be paid. What was declined on a page of the provider can be tried again there, so it stays open.
    Open,
    Paid,
    /// A charge that the bank refused.
    Declined,
    /// It cannot be paid any more.
    Ended,
    /// Money arrived that nobody owes: another amount, or a second payment.
    Unmatched,
}

stored_as_text!(Status);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub struct Payment {
    pub id: PaymentId,
    pub order_id: OrderId,
    pub organization_id: OrganizationId,
    pub provider: String,
    /// What the provider calls the page on which it is paid.
    pub session: Option<String>,
    /// What it calls the money that arrived.
    pub provider_payment: Option<String>,
    pub status: Status,
    currency: Currency,
    amount: i64,
    /// What arrived, where it is unmatched.
    pub arrived: String,
    /// What it was paid with: `Visa ending in 4242`.
    pub method: String,
    /// Why it was declined last. Empty where it was not.
    pub failure: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// When money that nobody owed was given back.
    pub given_back_at: Option<Timestamp>,
}

impl Payment {
    /// What is to be paid.
    pub fn amount(&self) -> Money {
        Money { minor: self.amount, currency: self.currency }
    }

    pub fn provider(&self) -> Result<ProviderKind, DbError> {
        let unknown = |_| DbError::Unexpected(format!("the provider of {}: {}", self.id, self.provider));
        self.provider.parse().map_err(unknown)
    }
}

pub fn find(connection: &mut Connection, id: &PaymentId) -> Result<Option<Payment>, DbError> {
    Ok(payments::table.find(id).select(Payment::as_select()).first(connection).optional()?)
}

/// The payments of an order, oldest first.
pub fn of_order(connection: &mut Connection, order: &OrderId) -> Result<Vec<Payment>, DbError> {
    let rows = payments::table.filter(payments::order_id.eq(order)).order(payments::id);
    Ok(rows.select(Payment::as_select()).load(connection)?)
}

/// The payment by which a pending order can be paid: the open one, or a new one. None for an order that is not pending. The order is
/// locked, so that one is open at the most.
pub fn open(tx: &mut WriteTx, order: &Order, provider: ProviderKind) -> Result<Option<Payment>, DbError> {
    if order.status != OrderStatus::Pending {
        return Ok(None);
    }
    let found = payments::table.filter(payments::order_id.eq(&order.id)).filter(payments::status.eq(Status::Open));
    if let Some(payment) = found.select(Payment::as_select()).first::<Payment>(tx.connection).optional()? {
        let provider: &str = provider.into();
        if payment.provider == provider {
            return Ok(Some(payment));
        }
        // The portal has another provider by now.
        set_status(tx, &payment.id, Status::Ended, "")?;
    }
    let provider: &str = provider.into();
    let payment = Payment {
        id: PaymentId::new(tx.now),
        order_id: order.id.clone(),
        organization_id: order.organization_id.clone(),
        provider: provider.to_owned(),
        session: None,
        provider_payment: None,
        status: Status::Open,
        currency: order.bill.currency,
        amount: order.bill.total,
        arrived: String::new(),
        method: String::new(),
        failure: String::new(),
        created_at: tx.now,
        updated_at: tx.now,
        given_back_at: None,
    };
    diesel::insert_into(payments::table).values(&payment).execute(tx.connection)?;
    Ok(Some(payment))
}

/// What can be done to pay an order.
#[derive(Clone, Debug)]
pub enum Begin {
    /// By this payment, which has a page at the provider already where it has a session.
    Pay(Box<Order>, Box<Payment>),
    /// Nothing is owed any more.
    Paid,
    Ended,
    /// The portal placed it, and charges it by itself.
    OfPortal,
    /// The role of this moment lacks what placing it took.
    NotAllowed(Permission),
    Gone,
}

/// Begins to pay an order, or goes on with it.
pub fn begin(tx: &mut WriteTx, scope: &Scope, id: &OrderId, provider: ProviderKind) -> Result<Begin, DbError> {
    let order = match hold(tx, scope, id)? {
        Hold::Held(_, order) => order,
        Hold::OfPortal => return Ok(Begin::OfPortal),
        Hold::NotAllowed(needed) => return Ok(Begin::NotAllowed(needed)),
        Hold::Gone => return Ok(Begin::Gone),
    };
    match (order.status, open(tx, &order, provider)?) {
        (OrderStatus::Pending, Some(payment)) => Ok(Begin::Pay(order, Box::new(payment))),
        (OrderStatus::Paid, _) => Ok(Begin::Paid),
        (OrderStatus::Pending | OrderStatus::Ended, _) => Ok(Begin::Ended),
    }
}

/// Keeps what the provider calls the page of an open payment.
pub fn set_session(tx: &mut WriteTx, id: &PaymentId, session: &str) -> Result<(), DbError> {
    let row = payments::table.find(id);
    diesel::update(row).set((payments::session.eq(session), payments::updated_at.eq(tx.now))).execute(tx.connection)?;
    Ok(())
}

/// Notes that the bank said no on a page of the provider, where it can be tried again.
pub fn note_failure(tx: &mut WriteTx, id: &PaymentId, reason: &str) -> Result<(), DbError> {
    let open = payments::table.filter(payments::id.eq(id)).filter(payments::status.eq(Status::Open));
    diesel::update(open).set((payments::failure.eq(reason), payments::updated_at.eq(tx.now))).execute(tx.connection)?;
    Ok(())
}

/// Closes a payment that was not paid: `Declined` with the reason, or `Ended`. What was settled stays as it is.
pub fn close(tx: &mut WriteTx, id: &PaymentId, status: Status, reason: &str) -> Result<(), DbError> {
    let payment = find(tx.connection, id)?;
    if payment.is_some_and(|payment| payment.status == Status::Open) {
        set_status(tx, id, status, reason)
    } else {
        Ok(())
    }
}

fn set_status(tx: &mut WriteTx, id: &PaymentId, status: Status, reason: &str) -> Result<(), DbError> {
    let change = (payments::status.eq(status), payments::failure.eq(reason), payments::updated_at.eq(tx.now));
    diesel::update(payments::table.find(id)).set(change).execute(tx.connection)?;
    Ok(())
}

/// Payments where money arrived that nobody owes and that is still here, oldest first.
pub fn unmatched(connection: &mut Connection, most: i64) -> Result<Vec<Payment>, DbError> {
    let rows = payments::table
        .filter(payments::status.eq(Status::Unmatched))
        .filter(payments::given_back_at.is_null())
        .order(payments::id)
        .limit(most);
    Ok(rows.select(Payment::as_select()).load(connection)?)
}

/// Open payments that were begun before a moment, oldest first.
pub fn open_before(
    connection: &mut Connection,
    before: Timestamp,
    after: Option<&PaymentId>,
    most: i64,
) -> Result<Vec<Payment>, DbError> {
    let mut rows = payments::table
        .filter(payments::status.eq(Status::Open))
        .filter(payments::created_at.lt(before))
        .order(payments::id)
        .limit(most)
        .select(Payment::as_select())
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(payments::id.gt(after));
    }
    Ok(rows.load(connection)?)
}
