//! The credits that come with each term of a licence.

use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::Source;
use crate::credits::grant::{Grant, NewGrant, grant};
use crate::credits::reference::{Origin, Reference};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::licence::Licence;
use crate::time::Timestamp;

/// What the credits of the term that ends at `ends_at` are known by in the ledger.
pub(super) fn reference(licence: &LicenceId, ends_at: Option<Timestamp>) -> String {
    let term = ends_at.map_or_else(|| "once".to_owned(), |end| end.day().to_string());
    format!("{}/{term}", Origin::Licence(licence.clone()))
}

/// The same for those on top of them, for what `change` names within the term.
pub(super) fn reference_of_more(licence: &Licence, change: &str) -> String {
    format!("{}/{change}", reference(&licence.id, licence.ends_at))
}

/// How often a term can be had: what was taken back can be bought anew, and its credits come anew.
const ROUNDS: u32 = 9;

/// What credits are known by that were taken back and came anew, round by round.
pub(super) fn rounds(reference: &str) -> Vec<String> {
    let again = (2..=ROUNDS).map(|round| format!("{reference}/again-{round}"));
    [reference.to_owned()].into_iter().chain(again).collect()
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
    book(tx, by, organization, credits, ends_at, &reference(licence, ends_at))
}

/// Gives what comes on top of them in a term that has begun, once for what `change` names within it. The Organization is locked.
pub(super) fn give_more(
    tx: &mut WriteTx,
    by: By<'_>,
    licence: &Licence,
    credits: u32,
    change: &str,
) -> Result<(), DbError> {
    let name = reference_of_more(licence, change);
    book(tx, by, &licence.organization_id, credits, licence.ends_at, &name)
}

fn book(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    credits: u32,
    ends_at: Option<Timestamp>,
    reference: &str,
) -> Result<(), DbError> {
    let Some(amount) = Amount::new(credits.into()) else { return Ok(()) };
    let note = "Included in the plan";
    for reference in rounds(reference) {
        let name = Reference::parse(&reference);
        let new = NewGrant { amount, source: Source::Plan, ends_at, reference: name.as_ref(), note };
        match grant(tx, by, organization, &new)? {
            Grant::Granted(_) | Grant::Already(_) => return Ok(()),
            Grant::Reversed(_) => {}
            other => return Err(DbError::Unexpected(format!("the credits {reference}: {other:?}"))),
        }
    }
    Ok(())
}
