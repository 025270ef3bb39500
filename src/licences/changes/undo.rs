//! Taking a change back, or another term, when what was paid for it is given back.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::state::{State, locked};
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::licence::Licence;
use crate::licences::{credits, seats};
use crate::money::Currency;
use crate::schema::licences;
use crate::time::Timestamp;

/// A change that was made: what the licence was before it, and the state in which it left it. Stored as a JSON object, with its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    before: Before,
    after: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    plan_key: Option<String>,
    plan: String,
    includes: String,
    quantity: i32,
    seats: i32,
    unit_price: Option<i64>,
    currency: Option<Currency>,
    credits: i32,
    ends_at: Option<String>,
    renewal_day: i32,
    terms_since: Option<String>,
    support_until: Option<String>,
    next_quantity: Option<i32>,
    next_plan: Option<CopiedPlan>,
    next_at: Option<String>,
}

fn text(moment: Option<Timestamp>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

fn moment(text: Option<&String>) -> Option<Timestamp> {
    text?.parse::<DateTime<Utc>>().ok().map(Timestamp::from)
}

impl Made {
    pub fn of(before: &Licence, after: &Licence) -> Self {
        let before = before.clone();
        let before = Before {
            ends_at: text(before.ends_at),
            terms_since: text(before.terms_since),
            support_until: text(before.support_until),
            next_at: text(before.next_at),
            plan_key: before.plan_key,
            plan: before.plan,
            includes: before.includes,
            quantity: before.quantity,
            seats: before.seats,
            unit_price: before.unit_price,
            currency: before.currency,
            credits: before.credits,
            renewal_day: before.renewal_day,
            next_quantity: before.next_quantity,
            next_plan: before.next_plan,
        };
        Self { before, after: State::of(after) }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// It is as it was. The credits that had come with the change are known by these references.
    Undone {
        credits: Vec<String>,
    },
    /// It has changed since, or another term followed. Nothing was changed.
    Changed,
    /// More people have a seat than there would be. Nothing was changed.
    InUse {
        seats: i32,
        used: i64,
    },
    Gone,
}

/// Makes a licence what it was before a change, as long as it is what the change made of it. With a term that is taken back it is
/// cancelled: nobody is charged for that term again by themselves. The Organization is locked.
pub fn undo(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    id: &LicenceId,
    made: &Made,
) -> Result<Undo, DbError> {
    let Some(licence) = locked(tx, organization, id)? else { return Ok(Undo::Gone) };
    if State::of(&licence) != made.after {
        return Ok(Undo::Changed);
    }
    let Made { before, .. } = made;
    let used = seats::used(tx.connection, id)?;
    if before.seats < licence.seats && i64::from(before.seats) < used {
        return Ok(Undo::InUse { seats: before.seats, used });
    }
    let ends_at = moment(before.ends_at.as_ref());
    let is_term = ends_at != licence.ends_at;
    let cancelled_at = if is_term { licence.cancelled_at.or(Some(tx.now)) } else { licence.cancelled_at };
    let what = (
        licences::plan_key.eq(&before.plan_key),
        licences::plan.eq(&before.plan),
        licences::includes.eq(&before.includes),
        licences::quantity.eq(before.quantity),
        licences::seats.eq(before.seats),
        licences::unit_price.eq(before.unit_price),
        licences::currency.eq(before.currency),
        licences::credits.eq(before.credits),
    );
    let when = (
        licences::ends_at.eq(ends_at),
        licences::renewal_day.eq(before.renewal_day),
        licences::terms_since.eq(moment(before.terms_since.as_ref())),
        licences::support_until.eq(moment(before.support_until.as_ref())),
        licences::next_quantity.eq(before.next_quantity),
        licences::next_plan.eq(before.next_plan.as_ref().map(CopiedPlan::stored)),
        licences::next_at.eq(moment(before.next_at.as_ref())),
        licences::cancelled_at.eq(cancelled_at),
        licences::updated_at.eq(tx.now),
    );
    diesel::update(licences::table.filter(licences::id.eq(id))).set((what, when)).execute(tx.connection)?;
    let side = |plan: &str, seats: i32, ends_at: Option<Timestamp>, support: Option<Timestamp>| json!({ "plan": plan, "seats": seats, "ends_at": text(ends_at), "support_until": text(support) });
    let was = side(&licence.plan, licence.seats, licence.ends_at, licence.support_until);
    let is: Value = side(&before.plan, before.seats, ends_at, moment(before.support_until.as_ref()));
    seats::record(tx, by, &licence, Action::LicenceChangeUndone, [was, is])?;
    Ok(Undo::Undone { credits: references(&licence, before, is_term) })
}

/// What the credits are known by that came with it.
fn references(licence: &Licence, before: &Before, is_term: bool) -> Vec<String> {
    if is_term {
        credits::rounds(&credits::reference(&licence.id, licence.ends_at))
    } else if before.quantity != licence.quantity {
        credits::rounds(&credits::reference_of_more(licence, &licence.quantity.to_string()))
    } else if before.plan_key != licence.plan_key {
        credits::rounds(&credits::reference_of_more(licence, licence.plan_key.as_deref().unwrap_or_default()))
    } else {
        Vec::new()
    }
}
