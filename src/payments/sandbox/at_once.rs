//! What the sandbox does within the transaction of whoever asks, without a page and without an event: they have the answer. So the demo
//! gets its past, whose payments are known to the sandbox like any other, and can be given back.

use super::cards::Card;
use super::refunds::{Refund, refund};
use super::{charges, new_id};
use crate::db::{DbError, WriteTx};
use crate::ids::PaymentId;
use crate::money::Money;
use crate::payments::provider::{Charge, Method, NewCharge, NewRefund, Paid};

fn unexpected(what: &str) -> DbError {
    DbError::Unexpected(format!("the sandbox: {what}"))
}

/// Keeps a card for a customer; for one that nobody knows yet where none is named.
pub fn keep_card(tx: &mut WriteTx, customer: Option<&str>, card: Card) -> Result<Method, DbError> {
    let customer = customer.map_or_else(|| new_id("sbx_customer"), str::to_owned);
    charges::keep(tx, &customer, card)
}

/// Pays with a card that was kept, while somebody is there.
pub fn pay(tx: &mut WriteTx, payment: &PaymentId, amount: Money, method: &str) -> Result<Paid, DbError> {
    let method = charges::method(tx.connection, method)?.ok_or_else(|| unexpected("no such card"))?.shown();
    let paid = charges::store(tx, payment.as_str(), amount, Some(&method.id), "")?;
    Ok(Paid { provider_payment: paid.id().to_owned(), amount, method: Some(method) })
}

/// Charges a card that was kept, while nobody is there.
pub fn charge(tx: &mut WriteTx, new: &NewCharge) -> Result<Charge, DbError> {
    Ok(charges::charge_untold(tx, new)?.charge(None))
}

/// Gives money back, and answers what that is called.
pub fn give_back(tx: &mut WriteTx, new: &NewRefund) -> Result<String, DbError> {
    match refund(tx, new)? {
        Refund::Refunded(id) => Ok(id),
        Refund::Unknown => Err(unexpected("no such payment")),
        Refund::TooMuch => Err(unexpected("so much was not paid")),
    }
}
