//! What came of a try to renew.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::held::{Held, hold};
use super::renewal::{self, Ending, TryOutcome};
use super::{due, plan, words};
use crate::access::Actor;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::PaymentId;
use crate::licences::automatic::Problem;
use crate::notifications::payment_problem;
use crate::orders::off_session;
use crate::schema::renewals;

/// The bank said no.
pub fn declined(tx: &mut WriteTx, payment: &PaymentId, reason: &str, grace: Duration) -> Result<(), DbError> {
    let Some((renewal, number)) = renewal::of_payment(tx.connection, payment)? else { return Ok(()) };
    let Some(held) = hold(tx, &renewal)? else { return Ok(()) };
    let last = renewal::last_try(tx.connection, &renewal)?;
    if last.is_none_or(|last| last.number != number || last.outcome.is_some()) {
        return Ok(());
    }
    off_session::declined(tx, payment, reason)?;
    if !held.is_wanted(tx.now, grace) {
        renewal::end_try(tx, &renewal, number, TryOutcome::Declined, reason)?;
        return renewal::end(tx, &renewal, Ending::Stopped, None);
    }
    failed(tx, &held, number, Problem::Declined, reason)
}

/// It was not wanted any more, and the provider had not begun.
pub(super) fn not_charged(tx: &mut WriteTx, payment: &PaymentId) -> Result<(), DbError> {
    let Some((renewal, number)) = renewal::of_payment(tx.connection, payment)? else { return Ok(()) };
    off_session::declined(tx, payment, "")?;
    renewal::end_try(tx, &renewal, number, TryOutcome::Stopped, "")?;
    renewal::end(tx, &renewal, Ending::Stopped, None)
}

/// A try brought nothing: says so, and when the next one is. After the last the licence ends by itself, and is kept for its grace period.
pub(super) fn failed(
    tx: &mut WriteTx,
    held: &Held,
    number: i32,
    problem: Problem,
    reason: &str,
) -> Result<(), DbError> {
    let (renewal, licence) = (&held.renewal, &held.licence);
    let outcome = match problem {
        Problem::Declined => TryOutcome::Declined,
        Problem::NoMethod => TryOutcome::NoMethod,
    };
    renewal::end_try(tx, &renewal.id, number, outcome, reason)?;
    // The plan is reckoned from the first try that had an answer.
    let first = if renewal.problem.is_none() { tx.now } else { renewal.first_try_at };
    let next = plan::next(first, tx.now, renewal.term_ends_at);
    match next {
        Some(next) => {
            let row = renewals::table.find(&renewal.id);
            let changes =
                (renewals::first_try_at.eq(first), renewals::next_try_at.eq(next), renewals::problem.eq(problem));
            diesel::update(row).set(changes).execute(tx.connection)?;
            due::add_job(tx, &renewal.id, next)?;
        }
        None => renewal::end(tx, &renewal.id, Ending::GivenUp, Some(problem))?,
    }
    let change = Change {
        action: Action::RenewalFailed,
        subject_id: licence.id.as_str(),
        subject_name: &licence.product,
        before: Value::Null,
        after: json!({ "problem": <&str>::from(problem), "reason": reason, "next": next.map(|at| at.to_string()) }),
    };
    tx.record(By::outside(Actor::Job, &licence.organization_id), change)?;
    let telling = words::Telling::new(tx, licence, problem, reason, next);
    payment_problem(tx, &licence.organization_id, &telling.problem()).map(drop)
}
