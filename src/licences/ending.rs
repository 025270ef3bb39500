//! Ending a licence before its time, when what was paid for it is given back.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::{credits, licence};
use crate::schema::licences;

/// Ends a licence now: it expires without a grace period, and one without an end is suspended. Answers the references of the credits that
/// came with its term. The Organization is locked.
pub fn end_now(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    id: &LicenceId,
) -> Result<Vec<String>, DbError> {
    tx.lock_row("licences", id.as_str())?;
    let found = licence::of_any(tx.connection, id)?;
    let Some(licence) = found.filter(|found| found.organization_id == *organization) else { return Ok(Vec::new()) };
    let row = licences::table.filter(licences::id.eq(id));
    let action = match licence.ends_at {
        Some(ends_at) if ends_at <= tx.now => return Ok(Vec::new()),
        Some(_) => {
            // A term has a beginning before its end, also one that was given back at once.
            let ends_at = tx.now.max(licence.starts_at + chrono::Duration::microseconds(1));
            diesel::update(row)
                .set((
                    licences::ends_at.eq(ends_at),
                    licences::cancelled_at.eq(tx.now),
                    licences::updated_at.eq(tx.now),
                ))
                .execute(tx.connection)?;
            Action::LicenceCancelled
        }
        None => {
            diesel::update(row)
                .set((licences::suspended_at.eq(tx.now), licences::updated_at.eq(tx.now)))
                .execute(tx.connection)?;
            Action::LicenceSuspended
        }
    };
    let after = json!({ "ends_at": tx.now.to_string(), "reason": "refund" });
    let (subject_id, subject_name) = (id.as_str(), &*licence.product);
    tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })?;
    Ok(vec![credits::reference(id, licence.ends_at)])
}
