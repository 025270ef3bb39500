//! Another term for a licence.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::apply;
use crate::licences::terms::renewed;
use crate::licences::{credits, licence};
use crate::schema::licences;
use crate::time::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renew {
    Renewed {
        ends_at: Timestamp,
    },
    /// It was cancelled: it must be resumed first, which is possible until its end.
    Cancelled,
    /// It has no end, or it is a trial.
    NotRenewing,
    /// A term with a change is paid already, and begins then: another one can follow once it has.
    NextIsPaid {
        from: Timestamp,
    },
    Gone,
}

/// Adds a term: from the end on where that is to come, otherwise from now. What was asked to change with it changes when it begins.
/// The caller has decided that it may, and holds the lock on the Organization.
pub fn renew(tx: &mut WriteTx, by: By<'_>, organization: &OrganizationId, id: &LicenceId) -> Result<Renew, DbError> {
    tx.lock_row("licences", id.as_str())?;
    let found = licence::of_any(tx.connection, id)?;
    let Some(licence) = found.filter(|found| found.organization_id == *organization) else { return Ok(Renew::Gone) };
    let licence = apply::what_is_due(tx, licence)?;
    if licence.cancelled_at.is_some() {
        return Ok(Renew::Cancelled);
    }
    if let Some(from) = licence.next_at {
        return Ok(Renew::NextIsPaid { from });
    }
    let brings = licence.next_term();
    let next = licence.ends_at.and_then(|ends| renewed(brings.term, ends, licence.renewal_day.cast_unsigned(), tx.now));
    let Some((ends_at, renewal_day)) = next else { return Ok(Renew::NotRenewing) };
    let begins_now = licence.has_ended_at(tx.now);
    let next_at = licence.ends_at.filter(|_| licence.has_scheduled() && !begins_now);
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((
            licences::ends_at.eq(ends_at),
            licences::renewal_day.eq(renewal_day.cast_signed()),
            licences::terms_since.eq(if begins_now { Some(tx.now) } else { licence.terms_since }),
            licences::next_at.eq(next_at),
            licences::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    let change = Change {
        action: Action::LicenceRenewed,
        subject_id: id.as_str(),
        subject_name: &licence.product,
        before: json!({ "ends_at": licence.ends_at.map(|at| at.to_string()) }),
        after: json!({ "ends_at": ends_at.to_string() }),
    };
    tx.record(by, change)?;
    if begins_now && licence.has_scheduled() {
        apply::next(tx, by, &licence)?;
    }
    credits::give(tx, by, organization, id, brings.credits.cast_unsigned(), Some(ends_at))?;
    Ok(Renew::Renewed { ends_at })
}
