//! A dearer plan of the same product, at once.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{Action, By};
use crate::billing::bill::Line;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::state::{Refusal, State, basis, locked};
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::licence::Licence;
use crate::licences::{credits, seats};
use crate::money::Money;
use crate::schema::licences;
use crate::time::Timestamp;

/// What an upgrade costs, and what it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub line: Line,
    /// How many credits come with it now.
    pub credits: u32,
    /// How many seats there will be.
    pub seats: i32,
}

/// Whether a plan of the same product is had at once: its terms are as long, and it costs more than what is paid.
pub fn is_upgrade(licence: &Licence, plan: &CopiedPlan) -> bool {
    let is_dearer = |price: Money| plan.currency == price.currency && plan.unit_price > price.minor;
    licence.plan_key.as_ref() != Some(&plan.key)
        && licence.term == plan.term
        && licence.unit_price().is_some_and(is_dearer)
}

/// What the difference of the prices is for what is left of what is paid. `used` seats are occupied.
pub fn quote(licence: &Licence, used: i64, plan: &CopiedPlan, now: Timestamp) -> Result<Quote, Refusal> {
    let basis = basis(licence, now)?;
    if !is_upgrade(licence, plan) {
        return Err(Refusal::NoSuchPlan);
    }
    let seats = plan.seats_of(licence.quantity);
    if i64::from(seats) < used {
        return Err(Refusal::InUse { seats, used });
    }
    let difference = Money { minor: plan.unit_price - basis.unit_price.minor, currency: plan.currency };
    let quantity = u32::try_from(licence.quantity).unwrap_or(0);
    let description = format!("{}: {} instead of {}", licence.product, plan.name, licence.plan);
    let mut line = basis.share.line(description, quantity, difference);
    let prices = format!("{} less {}", plan.unit_price(), basis.unit_price);
    line.calculation = if line.calculation.is_empty() { prices } else { format!("{prices}, {}", line.calculation) };
    let more_credits = plan.credits_of(licence.quantity).saturating_sub(licence.credits).max(0);
    let credits = basis.share.part_of(more_credits.into());
    Ok(Quote { line, credits: credits.try_into().unwrap_or(0), seats })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upgrade {
    Upgraded,
    /// It is not any more what this was paid for, or more people have a seat than there would be. Nothing was changed.
    Stale,
}

/// Changes to the plan that was paid for. A plan that was asked for with the next term is not asked for any more. The Organization
/// is locked.
pub fn upgrade(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    id: &LicenceId,
    plan: &CopiedPlan,
    made_for: &State,
) -> Result<Upgrade, DbError> {
    let Some(licence) = locked(tx, organization, id)? else { return Ok(Upgrade::Stale) };
    let used = seats::used(tx.connection, id)?;
    let Ok(quote) = quote(&licence, used, plan, tx.now) else { return Ok(Upgrade::Stale) };
    if State::of(&licence) != *made_for {
        return Ok(Upgrade::Stale);
    }
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((
            licences::plan_key.eq(&plan.key),
            licences::plan.eq(&plan.name),
            licences::seats.eq(quote.seats),
            licences::includes.eq(plan.includes.join("\n")),
            licences::unit_price.eq(plan.unit_price),
            licences::currency.eq(plan.currency),
            licences::credits.eq(plan.credits_of(licence.quantity)),
            licences::next_plan.eq(None::<String>),
            licences::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    let sides = [json!({ "plan": licence.plan }), json!({ "plan": plan.name })];
    seats::record(tx, by, &licence, Action::LicencePlanChanged, sides)?;
    credits::give_more(tx, by, &licence, quote.credits, &plan.key)?;
    Ok(Upgrade::Upgraded)
}
