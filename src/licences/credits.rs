//! The credits that come with each term of a licence.

use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::Source;
use crate::credits::grant::{Grant, NewGrant, grant};
use crate::credits::reference::Reference;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::time::Timestamp;

/// What the credits of the term that ends at `ends_at` are known by in the ledger.
pub(super) fn reference(licence: &LicenceId, ends_at: Option<Timestamp>) -> String {
    let term = ends_at.map_or_else(|| "once".to_owned(), |end| end.day().to_string());
    format!("licence/{licence}/{term}")
}

/// Gives the credits of the term that ends at `ends_at`, once however often it is asked for: they end with the term. Without an end
/// they come once and last. The Organization is locked.
pub fn give(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    licence: &LicenceId,
    credits: u32,
    ends_at: Option<Timestamp>,
) -> Result<(), DbError> {
    let Some(amount) = Amount::new(credits.into()) else { return Ok(()) };
    let reference = reference(licence, ends_at);
    let name = Reference::parse(&reference);
    let note = "Included in the plan";
    let new = NewGrant { amount, source: Source::Plan, ends_at, reference: name.as_ref(), note };
    match grant(tx, by, organization, &new)? {
        Grant::Granted(_) | Grant::Already(_) => Ok(()),
        other => Err(DbError::Unexpected(format!("the credits {reference}: {other:?}"))),
    }
}
