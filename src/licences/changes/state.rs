//! Which state of a licence a change is made for, and why some licences cannot be changed.

use serde::{Deserialize, Serialize};

use crate::billing::proration::Share;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::apply;
use crate::licences::licence::{self, Licence};
use crate::licences::remaining::remaining;
use crate::licences::terms::Term;
use crate::money::Money;
use crate::time::Timestamp;

/// How many of a plan a licence has at most.
pub const MOST: i32 = 10_000;

/// What of a licence says what a change of it costs and brings. Stored as a JSON object, with the order of the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    plan_key: Option<String>,
    quantity: i32,
    seats: i32,
    unit_price: Option<i64>,
    ends_at: Option<String>,
    support_until: Option<String>,
    next_quantity: Option<i32>,
    next_plan: Option<String>,
    next_unit_price: Option<i64>,
}

impl State {
    pub fn of(licence: &Licence) -> Self {
        let text = |moment: Option<Timestamp>| moment.map(|moment| moment.to_string());
        Self {
            plan_key: licence.plan_key.clone(),
            quantity: licence.quantity,
            seats: licence.seats,
            unit_price: licence.unit_price,
            ends_at: text(licence.ends_at),
            support_until: text(licence.support_until),
            next_quantity: licence.next_quantity,
            next_plan: licence.next_plan.as_ref().map(|plan| plan.key.clone()),
            next_unit_price: licence.next_plan.as_ref().map(|plan| plan.unit_price),
        }
    }
}

/// Why a licence is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It came with a voucher, or from an operator: it has no price.
    NotBought,
    /// A trial ends by itself.
    Trial,
    /// There is no next term: it has no end.
    Perpetual,
    /// It has an end: Support & Upgrade is for what has none.
    NotPerpetual,
    /// Whoever may use it needs no seat.
    WithoutSeats,
    /// It must be renewed first.
    Ended,
    /// It must be resumed first.
    Cancelled,
    Suspended,
    /// A term with a change is paid, and begins then.
    NextIsPaid {
        from: Timestamp,
    },
    /// Another term is paid already.
    RenewedUntil {
        ends_at: Timestamp,
    },
    /// More people have a seat than there would be.
    InUse {
        seats: i32,
        used: i64,
    },
    /// Nobody can have so many: [`MOST`].
    TooMany,
    /// There is no such change: it has that plan, or the plan is not for sale.
    NoSuchPlan,
}

/// What every change needs to know.
pub(super) struct Basis {
    pub unit_price: Money,
    /// What is left of the terms that are paid; one whole where it has no end.
    pub share: Share,
}

/// A licence that somebody bought, that is valid, and of which no change is paid yet.
pub(super) fn basis(licence: &Licence, now: Timestamp) -> Result<Basis, Refusal> {
    let unit_price = bought(licence)?;
    if licence.has_ended_at(now) {
        return Err(Refusal::Ended);
    }
    if let Some(from) = licence.next_at {
        return Err(Refusal::NextIsPaid { from });
    }
    let since = licence.terms_since.unwrap_or(licence.starts_at).day();
    let share = licence
        .ends_at
        .and_then(|ends_at| remaining(licence.term, ends_at, licence.renewal_day.cast_unsigned(), since, now))
        .unwrap_or(Share::whole(1));
    Ok(Basis { unit_price, share })
}

/// What one of its plan costs, where it was bought and may be changed.
pub(super) fn bought(licence: &Licence) -> Result<Money, Refusal> {
    if licence.term == Term::Trial {
        return Err(Refusal::Trial);
    }
    let price = licence.unit_price().filter(|_| licence.plan_key.is_some()).ok_or(Refusal::NotBought)?;
    if licence.suspended_at.is_some() { Err(Refusal::Suspended) } else { Ok(price) }
}

/// A licence of an Organization, which is locked; locked, and with what is due done.
pub fn locked(tx: &mut WriteTx, organization: &OrganizationId, id: &LicenceId) -> Result<Option<Licence>, DbError> {
    tx.lock_row("licences", id.as_str())?;
    let found = licence::of_any(tx.connection, id)?.filter(|found| found.organization_id == *organization);
    found.map(|licence| apply::what_is_due(tx, licence)).transpose()
}
