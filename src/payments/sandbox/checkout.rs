//! What somebody does on a page of the sandbox.

use super::cards::Card;
use super::sessions::{self, Session, State};
use super::{charges, events};
use crate::db::{DbError, WriteTx};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pay {
    /// Now, or before: the way back.
    Done {
        success_url: String,
    },
    /// The page stays, so that another card can be tried.
    Declined {
        reason: &'static str,
    },
    /// Nothing can be done on it any more.
    Ended,
    Gone,
}

/// Pays with a card, or keeps it, or both.
pub fn pay(tx: &mut WriteTx, id: &str, card: Card) -> Result<Pay, DbError> {
    let Some(session) = sessions::lock(tx, id)? else { return Ok(Pay::Gone) };
    if session.state == State::Done {
        return Ok(Pay::Done { success_url: session.success_url });
    }
    if !session.is_open_at(tx.now) {
        return Ok(Pay::Ended);
    }
    if let Some(reason) = card.declined_on_page() {
        if session.amount().is_some() {
            events::declined(tx, &session.reference, reason)?;
        }
        return Ok(Pay::Declined { reason });
    }
    settle(tx, &session, card)?;
    Ok(Pay::Done { success_url: session.success_url })
}

fn settle(tx: &mut WriteTx, session: &Session, card: Card) -> Result<(), DbError> {
    let method = match session.keeps_method {
        true => Some(charges::keep(tx, &session.customer, card)?),
        false => None,
    };
    let kept = method.as_ref().map(|method| method.id.as_str());
    let Some(amount) = session.amount() else {
        sessions::end(tx, &session.id, State::Done, None, kept)?;
        return match &method {
            Some(method) => events::kept(tx, &session.id, method),
            None => Ok(()),
        };
    };
    let payment = charges::store(tx, &session.reference, amount, kept, "")?;
    sessions::end(tx, &session.id, State::Done, Some(payment.id()), kept)?;
    events::paid(tx, &session.reference, payment.id(), amount, method.as_ref())
}

/// Closes a page, unless it was paid on it; answers it as it is then.
pub(super) fn close(tx: &mut WriteTx, id: &str) -> Result<Option<Session>, DbError> {
    let Some(session) = sessions::lock(tx, id)? else { return Ok(None) };
    if session.state == State::Open {
        sessions::end(tx, id, State::Closed, None, None)?;
        events::ended(tx, &session.reference)?;
    }
    sessions::find(tx.connection, id)
}
