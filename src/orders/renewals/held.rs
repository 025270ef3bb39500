//! A renewal that somebody is about, with its licence.

use chrono::Duration;
use diesel::prelude::*;

use super::due::is_wanted;
use super::renewal::{self, Renewal};
use crate::access::lock_organization;
use crate::db::{DbError, WriteTx};
use crate::ids::RenewalId;
use crate::licences::licence::Licence;
use crate::schema::licences;
use crate::time::Timestamp;

/// A renewal with its licence. Both are locked, and their Organization before them.
pub(super) struct Held {
    pub renewal: Renewal,
    pub licence: Licence,
}

pub(super) fn hold(tx: &mut WriteTx, id: &RenewalId) -> Result<Option<Held>, DbError> {
    let Some(seen) = renewal::find(tx.connection, id)? else { return Ok(None) };
    lock_organization(tx, &seen.organization_id)?;
    tx.lock_row("licences", seen.licence_id.as_str())?;
    tx.lock_row("renewals", id.as_str())?;
    let licence = licences::table.find(&seen.licence_id).select(Licence::as_select()).first(tx.connection)?;
    Ok(renewal::find(tx.connection, id)?.map(|renewal| Held { renewal, licence }))
}

impl Held {
    /// Whether the term is still to be paid for.
    pub fn is_wanted(&self, now: Timestamp, grace: Duration) -> bool {
        self.licence.ends_at == Some(self.renewal.term_ends_at) && is_wanted(&self.licence, now, grace)
    }
}
