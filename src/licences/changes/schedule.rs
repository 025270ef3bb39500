//! Less, with the next term: fewer of a plan, or another plan. Until that term is paid, it can be taken back.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Permission, Scope};
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::changes::state::{Refusal, bought, locked};
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::licence::Licence;
use crate::licences::seats;
use crate::schema::licences;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// It comes with the term after this moment.
    Scheduled {
        ends_at: Timestamp,
        seats: i32,
    },
    Refused(Refusal),
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// What the next term of a licence would be with so many of the plan. `used` seats are occupied.
pub fn fewer(licence: &Licence, used: i64, quantity: i32) -> Result<Licence, Refusal> {
    if !licence.has_seats() {
        return Err(Refusal::WithoutSeats);
    }
    let next_quantity = Some(quantity).filter(|quantity| *quantity != licence.quantity);
    possible(Licence { next_quantity, ..licence.clone() }, used)
}

/// What it would be with another plan.
pub fn other_plan(licence: &Licence, used: i64, plan: &CopiedPlan) -> Result<Licence, Refusal> {
    if licence.plan_key.as_ref() == Some(&plan.key) {
        return Err(Refusal::NoSuchPlan);
    }
    possible(Licence { next_plan: Some(plan.clone()), ..licence.clone() }, used)
}

/// Whether there is a next term that can be so.
fn possible(changed: Licence, used: i64) -> Result<Licence, Refusal> {
    bought(&changed)?;
    if changed.ends_at.is_none() {
        return Err(Refusal::Perpetual);
    }
    if changed.cancelled_at.is_some() {
        return Err(Refusal::Cancelled);
    }
    if let Some(from) = changed.next_at {
        return Err(Refusal::NextIsPaid { from });
    }
    let seats = changed.next_term().seats;
    if i64::from(seats) < used { Err(Refusal::InUse { seats, used }) } else { Ok(changed) }
}

/// Has the next term have so many of the plan, fewer than now.
pub fn reduce(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, quantity: i32) -> Result<Schedule, DbError> {
    change(tx, scope, id, Action::LicenceReductionScheduled, |licence, used| {
        if (1..licence.quantity).contains(&quantity) { fewer(licence, used, quantity) } else { Err(Refusal::TooMany) }
    })
}

/// Has the next term be by another plan of the product.
pub fn change_plan(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, plan: &CopiedPlan) -> Result<Schedule, DbError> {
    change(tx, scope, id, Action::LicencePlanScheduled, |licence, used| other_plan(licence, used, plan))
}

fn change(
    tx: &mut WriteTx,
    scope: &Scope,
    id: &LicenceId,
    action: Action,
    changed: impl FnOnce(&Licence, i64) -> Result<Licence, Refusal>,
) -> Result<Schedule, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::Purchase)? else { return Ok(Schedule::NotAllowed) };
    let Some(licence) = locked(tx, scope.organization_id(), id)? else { return Ok(Schedule::Gone) };
    let used = seats::used(tx.connection, id)?;
    let changed = match changed(&licence, used) {
        Ok(changed) => changed,
        Err(refusal) => return Ok(Schedule::Refused(refusal)),
    };
    let Some(ends_at) = changed.ends_at else { return Ok(Schedule::Refused(Refusal::Perpetual)) };
    store(tx, &changed)?;
    seats::record(tx, By::member(&scope), &licence, action, [said(&licence), said(&changed)])?;
    Ok(Schedule::Scheduled { ends_at, seats: changed.next_term().seats })
}

/// What is asked for with the next term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Seats,
    Plan,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeBack {
    TakenBack,
    /// It was not asked for.
    Nothing,
    /// Fewer seats or another plan alone would be too few for those who have one.
    Refused(Refusal),
    /// The role of this moment does not allow it.
    NotAllowed,
    Gone,
}

/// Has the next term be as this one.
pub fn take_back(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, what: What) -> Result<TakeBack, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::Purchase)? else { return Ok(TakeBack::NotAllowed) };
    let Some(licence) = locked(tx, scope.organization_id(), id)? else { return Ok(TakeBack::Gone) };
    if let Some(from) = licence.next_at {
        return Ok(TakeBack::Refused(Refusal::NextIsPaid { from }));
    }
    let changed = match what {
        What::Seats => Licence { next_quantity: None, ..licence.clone() },
        What::Plan => Licence { next_plan: None, ..licence.clone() },
    };
    if said(&changed) == said(&licence) {
        return Ok(TakeBack::Nothing);
    }
    let (seats, used) = (changed.next_term().seats, seats::used(tx.connection, id)?);
    if i64::from(seats) < used {
        return Ok(TakeBack::Refused(Refusal::InUse { seats, used }));
    }
    store(tx, &changed)?;
    let sides = [said(&licence), said(&changed)];
    seats::record(tx, By::member(&scope), &licence, Action::LicenceChangeTakenBack, sides)?;
    Ok(TakeBack::TakenBack)
}

fn store(tx: &mut WriteTx, changed: &Licence) -> Result<(), DbError> {
    diesel::update(licences::table.filter(licences::id.eq(&changed.id)))
        .set((
            licences::next_quantity.eq(changed.next_quantity),
            licences::next_plan.eq(changed.next_plan.as_ref().map(CopiedPlan::stored)),
            licences::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// What the next term is, as the activity log has it.
fn said(licence: &Licence) -> Value {
    let next = licence.next_term();
    json!({ "plan": next.plan, "seats": next.seats, "with": licence.ends_at.map(|ends_at| ends_at.to_string()) })
}
