//! What is charged while nobody is there: the terms of licences that renew themselves, and credits that top themselves up.

use chrono::Duration;
use diesel::prelude::*;

use super::credits::Deed;
use super::purchases::TOP_UP_AT;
use super::{Event, Seeder, unexpected};
use crate::access::Scope;
use crate::credits::wallet;
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::licence::Licence;
use crate::orders::off_session::Ask;
use crate::orders::renewals::renewal::{self, Ending};
use crate::orders::renewals::{due, outcome, step};
use crate::orders::settle::{Settle, settle};
use crate::orders::top_up;
use crate::payments::provider::{Charge as Charged, ProviderKind};
use crate::payments::sandbox::at_once;
use crate::schema::licences;
use crate::time::Timestamp;

/// How long after its moment a job finds what is due.
const LATER: Duration = Duration::minutes(3);

pub(super) enum Charge {
    /// The next term of a licence is near.
    Due(LicenceId),
    /// The one after this end was not paid, and is tried again.
    Again(LicenceId, Timestamp),
}

impl Seeder {
    /// What comes of a licence by itself: the charge for its next term, and the end of the credits of this one.
    pub(super) fn await_end(&mut self, tx: &mut WriteTx, id: &LicenceId) -> Result<(), DbError> {
        let licence = read(tx, id)?;
        if let Some(at) = licence.is_charged_at() {
            self.add(at + LATER, Event::Charged(Charge::Due(id.clone())));
        }
        if let Some(end) = licence.ends_at {
            self.add(end + LATER, Event::Credits(Deed::Expire(super::credits::AERIAL)));
            self.tell_of_end(tx.now, end);
        }
        Ok(())
    }

    pub(super) fn charge(&mut self, tx: &mut WriteTx, charge: Charge) -> Result<(), DbError> {
        match charge {
            Charge::Due(licence) => {
                let end = read(tx, &licence)?.ends_at;
                match (due::begin(tx, &licence, self.grace)?, end) {
                    (true, Some(end)) => self.charge_term(tx, &licence, end),
                    _ => Ok(()),
                }
            }
            Charge::Again(licence, end) => self.charge_term(tx, &licence, end),
        }
    }

    /// Tries to renew a licence.
    fn charge_term(&mut self, tx: &mut WriteTx, id: &LicenceId, end: Timestamp) -> Result<(), DbError> {
        let begun = renewal::of_term(tx.connection, id, end)?.ok_or_else(|| unexpected(id))?;
        if let Some(ask) = step::step(tx, &begun.id, ProviderKind::Sandbox, self.grace)? {
            match answer(tx, &ask)? {
                None => {}
                Some(reason) => outcome::declined(tx, ask.payment(), &reason, self.grace)?,
            }
        }
        let begun = renewal::of_term(tx.connection, id, end)?.ok_or_else(|| unexpected(id))?;
        match (begun.next_try_at, begun.outcome) {
            (Some(next), _) => self.add(next + LATER, Event::Charged(Charge::Again(id.clone(), end))),
            (None, Some(Ending::Paid)) => self.await_end(tx, id)?,
            // It ends by itself.
            (None, _) => {}
        }
        Ok(())
    }
}

/// As the job does that a spend leads to.
pub(super) fn top_up_if_low(tx: &mut WriteTx, owner: &Scope) -> Result<(), DbError> {
    let organization = owner.organization_id();
    let balance = wallet::read(tx.connection, organization)?.map_or(0, |wallet| wallet.balance);
    if balance > TOP_UP_AT {
        return Ok(());
    }
    match top_up::due::step(tx, organization, ProviderKind::Sandbox)? {
        Some(ask) => answer(tx, &ask)?.map_or(Ok(()), |reason| Err(unexpected(reason))),
        None => Ok(()),
    }
}

/// Charges and settles, or answers why the bank did not want to.
fn answer(tx: &mut WriteTx, ask: &Ask) -> Result<Option<String>, DbError> {
    match at_once::charge(tx, ask.charge())? {
        Charged::Paid(paid) => match settle(tx, ask.payment(), &paid)? {
            Settle::Settled(_) => Ok(None),
            other => Err(unexpected(other)),
        },
        Charged::Declined { reason } => Ok(Some(reason)),
        other @ Charged::Pending { .. } => Err(unexpected(other)),
    }
}

fn read(tx: &mut WriteTx, id: &LicenceId) -> Result<Licence, DbError> {
    Ok(licences::table.find(id).select(Licence::as_select()).first(tx.connection)?)
}
