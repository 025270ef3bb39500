//! Another year of Support & Upgrade for a perpetual licence.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::{Action, By};
use crate::billing::bill::Line;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::state::{Refusal, State, bought, locked};
use crate::licences::licence::Licence;
use crate::licences::seats;
use crate::licences::terms::{Term, day_of_month, last_day, renewed};
use crate::money::Money;
use crate::schema::licences;
use crate::time::Timestamp;

/// What a year costs, and until when it goes then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub line: Line,
    pub until: Timestamp,
}

/// What a year costs for all of the plan that somebody has, where it costs `unit_price` for one. It goes on from its end where that is
/// to come, and from now otherwise.
pub fn quote(licence: &Licence, plan: &str, unit_price: Money, now: Timestamp) -> Result<Quote, Refusal> {
    bought(licence)?;
    if licence.term != Term::Perpetual {
        return Err(Refusal::NotPerpetual);
    }
    let until = until(licence, now).ok_or(Refusal::NotPerpetual)?;
    let quantity = u32::try_from(licence.quantity).unwrap_or(0);
    Ok(Quote { line: Line::of(format!("{}, {plan}", licence.product), quantity, unit_price), until })
}

fn until(licence: &Licence, now: Timestamp) -> Option<Timestamp> {
    let Some(before) = licence.support_until else { return Term::Yearly.end(now) };
    let day = day_of_month(last_day(before, &chrono::Utc));
    renewed(Term::Yearly, before, day, now).map(|(until, _)| until)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extend {
    Extended {
        until: Timestamp,
    },
    /// It is not any more what this was paid for. Nothing was changed.
    Stale,
}

/// Adds the year that was paid for. The Organization is locked.
pub fn extend(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    id: &LicenceId,
    made_for: &State,
) -> Result<Extend, DbError> {
    let Some(licence) = locked(tx, organization, id)? else { return Ok(Extend::Stale) };
    if State::of(&licence) != *made_for || licence.term != Term::Perpetual || bought(&licence).is_err() {
        return Ok(Extend::Stale);
    }
    let Some(until) = until(&licence, tx.now) else { return Ok(Extend::Stale) };
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((licences::support_until.eq(until), licences::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let before = licence.support_until.map_or(Value::Null, |before| json!({ "support_until": before.to_string() }));
    let after = json!({ "support_until": until.to_string() });
    seats::record(tx, by, &licence, Action::LicenceSupportExtended, [before, after])?;
    Ok(Extend::Extended { until })
}
