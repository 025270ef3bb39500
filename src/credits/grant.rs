//! Granting credits.

use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::entry::{self, Entry, Kind, Source};
use crate::credits::grants;
use crate::credits::reference::Reference;
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
        let is_same =
            earlier.kind == Kind::Grant && earlier.source == Some(new.source) && earlier.amount == new.amount.credits();
        return Ok(if is_same { Grant::Already(earlier) } else { Grant::OtherWithReference(earlier) });
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
    // A later end would be a year of five digits, which SQLite's text does not hold in order.
    grants::open(tx, &entry, new.ends_at.unwrap_or_else(grants::never).min(grants::never()))?;
    Ok(Grant::Granted(entry))
}
