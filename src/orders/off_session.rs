//! Charging while nobody is there, to what an Organization pays with.
//!
//! The order, its payment and what is charged are stored before the provider is asked, and the provider is asked outside of any
//! transaction. Whoever does not know what came of it asks for the same again: by the id of the payment, it is charged once.

use chrono::Duration;
use diesel::prelude::*;

use super::ending;
use super::order::{Order, Status};
use super::payment;
use super::place::{self, Key};
use super::pricing::Quote;
use crate::access::Actor;
use crate::audit::By;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrderId, OrganizationId, PaymentId};
use crate::payments::methods::PaymentMethod;
use crate::payments::provider::{Charge, NewCharge, Paid, Provider, ProviderError, ProviderKind};
use crate::schema::{off_session_charges as charges, orders};

/// After so long a charge is looked at again that the provider wants to say more about.
pub const LOOK_AGAIN: Duration = Duration::minutes(15);

/// What is asked about a charge.
#[derive(Clone, Debug)]
pub enum Ask {
    /// To make it, unless it was made.
    Charge(NewCharge),
    /// What came of it, if it was made.
    Look(NewCharge),
}

impl Ask {
    pub fn charge(&self) -> &NewCharge {
        let (Self::Charge(new) | Self::Look(new)) = self;
        new
    }

    pub fn payment(&self) -> &PaymentId {
        &self.charge().payment
    }
}

/// What is known of a charge now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Paid(Paid),
    /// The reason is for people.
    Declined(String),
    /// The provider will say later.
    Later,
    /// It was never made.
    Never,
    /// Nobody knows: the provider could not be reached.
    Away(String),
}

/// Asks the provider, and waits for its answer.
pub fn ask(provider: &dyn Provider, ask: &Ask) -> Answer {
    let answer = match ask {
        Ask::Charge(new) => provider.charge(new).map(Some),
        Ask::Look(new) => provider.look_at_charge(new),
    };
    match answer {
        Ok(Some(Charge::Paid(paid))) => Answer::Paid(paid),
        Ok(Some(Charge::Declined { reason })) | Err(ProviderError::Refused(reason)) => Answer::Declined(reason),
        Ok(Some(Charge::Pending { .. })) => Answer::Later,
        Ok(None) => Answer::Never,
        Err(ProviderError::Away(error)) => Answer::Away(error),
    }
}

/// An order that is charged.
pub struct Placed {
    pub order: Order,
    pub payment: PaymentId,
    pub ask: Ask,
}

/// Places an order for the portal itself, with the payment that is asked for. The Organization is locked; `key` is new each time.
pub fn place(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    quote: Quote,
    key: &str,
    (provider, method): (ProviderKind, &PaymentMethod),
) -> Result<Placed, DbError> {
    let by = By::outside(Actor::Job, organization);
    let order = place::store(tx, by, organization, quote, &Key::new(key, &key))?;
    let payment = payment::open(tx, &order, provider)?;
    let payment = payment.ok_or_else(|| DbError::Unexpected(format!("{} has nothing to be paid", order.id)))?;
    let new = (
        charges::payment_id.eq(&payment.id),
        charges::customer.eq(&method.customer),
        charges::method.eq(&method.method),
    );
    diesel::insert_into(charges::table).values(new).execute(tx.connection)?;
    let ask = Ask::Charge(charge(tx.connection, &payment.id)?);
    Ok(Placed { order, payment: payment.id, ask })
}

/// What was asked for, word for word: a provider takes the same id only with the same charge.
fn charge(connection: &mut Connection, id: &PaymentId) -> Result<NewCharge, DbError> {
    let payment = payment::find(connection, id)?.ok_or_else(|| DbError::Unexpected(format!("{id} is gone")))?;
    let (customer, method) = charges::table.find(id).select((charges::customer, charges::method)).first(connection)?;
    let number: String = orders::table.find(&payment.order_id).select(orders::number).first(connection)?;
    let (amount, description) = (payment.amount(), format!("Order {number}"));
    Ok(NewCharge { payment: id.clone(), customer, method, amount, description })
}

/// Asks about a charge once more: for it, or only what came of it where it is not wanted any more.
pub fn ask_again(tx: &mut WriteTx, payment: &PaymentId, is_wanted: bool) -> Result<Ask, DbError> {
    let new = charge(tx.connection, payment)?;
    Ok(if is_wanted { Ask::Charge(new) } else { Ask::Look(new) })
}

/// Notes that a charge brought nothing, and ends its order: another try is another order.
pub fn declined(tx: &mut WriteTx, id: &PaymentId, reason: &str) -> Result<(), DbError> {
    let Some(payment) = payment::find(tx.connection, id)? else { return Ok(()) };
    payment::close(tx, id, payment::Status::Declined, reason)?;
    ending::end_overdue(tx, &payment.organization_id, &payment.order_id).map(drop)
}

/// The payment of an order of this portal's own: there is one.
pub fn payment_of(connection: &mut Connection, order: &OrderId) -> Result<PaymentId, DbError> {
    let payment = payment::of_order(connection, order)?.into_iter().next();
    payment.map(|payment| payment.id).ok_or_else(|| DbError::Unexpected(format!("{order} has no payment")))
}

/// The order of a payment.
pub fn order_of(connection: &mut Connection, id: &PaymentId) -> Result<OrderId, DbError> {
    let payment = payment::find(connection, id)?;
    payment.map(|payment| payment.order_id).ok_or_else(|| DbError::Unexpected(format!("{id} is gone")))
}

/// Whether somebody is about to pay for a change of a licence themselves.
pub fn is_paid_by_hand(connection: &mut Connection, licence: &LicenceId) -> Result<bool, DbError> {
    let pending = orders::table
        .filter(orders::licence_id.eq(licence))
        .filter(orders::status.eq(Status::Pending))
        .filter(orders::placed_by.is_not_null());
    let found: Option<OrderId> = pending.select(orders::id).first(connection).optional()?;
    Ok(found.is_some())
}
