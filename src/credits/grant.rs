//! Granting credits.

use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::{self, Entry, Kind, Source};
use crate::credits::grants;
use crate::credits::reference::{Reference, of_reversal};
use crate::credits::wallet::{NewEntry, Wallet};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::time::Timestamp;

pub struct NewGrant<'a> {
    pub amount: Amount,
    pub source: Source,
    /// The moment from which on it cannot be spent any more; none where it does not end.
    pub ends_at: Option<Timestamp>,
    /// Without one, every call is another grant, which is known by its id.
    pub reference: Option<&'a Reference>,
    /// What for, in a few words.
    pub note: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    Granted(Entry),
    /// The same was granted by this reference before. Nothing was changed.
    Already(Entry),
    /// The same was granted before, and taken back by this row. Nothing was changed.
    Reversed(Entry),
    /// The reference stands for something else.
    OtherWithReference(Entry),
    /// It would have ended already.
    EndsInThePast,
}

/// Gives credits to an Organization. Locks it, and then its wallet.
pub fn grant(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    new: &NewGrant<'_>,
) -> Result<Grant, DbError> {
    let mut wallet = Wallet::lock_or_open(tx, organization)?;
    let reference = new.reference.map(Reference::as_str);
    if let Some(reference) = reference
        && let Some(earlier) = entry::find(tx.connection, organization, reference)?
    {
        return repeated(tx, organization, new, earlier);
    }
    if new.ends_at.is_some_and(|end| end <= tx.now) {
        return Ok(Grant::EndsInThePast);
    }
    let entry = wallet.book(
        tx,
        by,
        &NewEntry {
            kind: Kind::Grant,
            source: Some(new.source),
            amount: new.amount.credits(),
            reference,
            note: new.note,
        },
    )?;
    grants::open(tx, &entry, stored_end(new))?;
    Ok(Grant::Granted(entry))
}

/// When it ends, as it is stored. A later end would be a year of five digits, which SQLite's text does not hold in order.
fn stored_end(new: &NewGrant<'_>) -> Timestamp {
    new.ends_at.unwrap_or_else(grants::never).min(grants::never())
}

/// What a reference that is there already says of a grant: the same once more, or something else.
fn repeated(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    new: &NewGrant<'_>,
    earlier: Entry,
) -> Result<Grant, DbError> {
    let is_same =
        earlier.kind == Kind::Grant && earlier.source == Some(new.source) && earlier.amount == new.amount.credits();
    if !is_same {
        return Ok(Grant::OtherWithReference(earlier));
    }
    // One that was taken back ended with that, whenever it would have otherwise.
    if let Some(reversal) = entry::find(tx.connection, organization, &of_reversal(&earlier.reference))? {
        return Ok(Grant::Reversed(reversal));
    }
    let ends_alike = grants::find(tx, &earlier.id)?.ends_at == stored_end(new);
    Ok(if ends_alike { Grant::Already(earlier) } else { Grant::OtherWithReference(earlier) })
}
