//! What is done about a renewal at a moment.

use chrono::Duration;
use diesel::prelude::*;

use super::held::{Held, hold};
use super::renewal::{self, Ending, Try};
use super::{due, outcome, quote};
use crate::access::is_open;
use crate::db::{DbError, WriteTx};
use crate::ids::{PaymentId, RenewalId};
use crate::licences::automatic::Problem;
use crate::orders::off_session::{self, Ask, Placed};
use crate::payments::methods::{self, PaymentMethod};
use crate::payments::provider::ProviderKind;
use crate::schema::{orders, renewal_tries, renewals};

/// Who pays for the same by hand is not charged meanwhile.
const BY_HAND: Duration = Duration::hours(1);

/// What the provider is to be asked for now, if for anything.
pub fn step(tx: &mut WriteTx, id: &RenewalId, provider: ProviderKind, grace: Duration) -> Result<Option<Ask>, DbError> {
    let Some(held) = hold(tx, id)? else { return Ok(None) };
    let Some(next_try_at) = held.renewal.next_try_at else { return Ok(None) };
    let is_wanted = held.is_wanted(tx.now, grace) && is_open(tx.connection, &held.renewal.organization_id)?;
    let last = renewal::last_try(tx.connection, id)?;
    if let Some(payment) = last.as_ref().filter(|last| last.outcome.is_none()).and_then(|last| last.payment_id.as_ref())
    {
        // It may have been charged already: the same is asked for again, or looked at where it is not wanted any more.
        return off_session::ask_again(tx, payment, is_wanted).map(Some);
    }
    if !is_wanted {
        renewal::end(tx, id, Ending::Stopped, None)?;
        return Ok(None);
    }
    // A later try has a job of its own.
    if tx.now < next_try_at {
        return Ok(None);
    }
    let number = last.map_or(1, |last| last.number + 1);
    if off_session::is_paid_by_hand(tx.connection, &held.licence.id)? {
        return wait(tx, id).map(|()| None);
    }
    let kept = methods::of(tx.connection, &held.renewal.organization_id)?;
    let Some(method) = kept.filter(|method| method.is_of(provider)) else {
        note(tx, id, number, None)?;
        outcome::failed(tx, &held, number, Problem::NoMethod, "")?;
        return Ok(None);
    };
    begin(tx, &held, number, (provider, &method)).map(Some)
}

/// Places the order of a try.
fn begin(tx: &mut WriteTx, held: &Held, number: i32, by: (ProviderKind, &PaymentMethod)) -> Result<Ask, DbError> {
    let (renewal, licence) = (&held.renewal, &held.licence);
    let quote = quote::of(tx.connection, licence)?;
    let key = format!("renewal {} {number}", renewal.id);
    let Placed { order, payment, ask } = off_session::place(tx, &renewal.organization_id, quote, &key, by)?;
    note(tx, &renewal.id, number, Some(payment))?;
    diesel::update(renewals::table.find(&renewal.id)).set(renewals::order_id.eq(&order.id)).execute(tx.connection)?;
    diesel::update(orders::table.find(&order.id)).set(orders::licence_id.eq(&licence.id)).execute(tx.connection)?;
    Ok(ask)
}

/// Somebody is about to pay for it.
fn wait(tx: &mut WriteTx, id: &RenewalId) -> Result<(), DbError> {
    let again = tx.now + BY_HAND;
    diesel::update(renewals::table.find(id)).set(renewals::next_try_at.eq(again)).execute(tx.connection)?;
    due::add_job(tx, id, again)
}

/// Notes a try before anybody is asked.
fn note(tx: &mut WriteTx, id: &RenewalId, number: i32, payment_id: Option<PaymentId>) -> Result<(), DbError> {
    let (renewal_id, tried_at) = (id.clone(), tx.now);
    let row = Try { renewal_id, number, tried_at, payment_id, outcome: None, reason: String::new() };
    diesel::insert_into(renewal_tries::table).values(row).execute(tx.connection)?;
    Ok(())
}
