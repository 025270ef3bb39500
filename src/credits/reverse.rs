//! Taking back what was spent or granted, by another row.

use crate::audit::By;
use crate::credits::ended::ended;
use crate::credits::entry::{self, Entry, Kind};
use crate::credits::reference::of_reversal;
use crate::credits::wallet::{NewEntry, Wallet};
use crate::credits::{expiry, grants};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reverse {
    Reversed {
        entry: Entry,
        /// How many of the credits that came back belong to grants that have ended, and so expired at once.
        expired: i64,
        balance: i64,
    },
    /// It was reversed before, by this row. Nothing was changed.
    Already(Entry),
    /// Of this grant nothing is left.
    NothingLeft(Entry),
    /// Only grants and spends are reversed.
    NotReversible(Entry),
    /// No row has this reference.
    Unknown,
}

/// Reverses the spend or the grant with this reference: what was spent goes back to the grants that paid for it; of a grant, what is
/// left is taken back. Locks the wallet.
pub fn reverse(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    reference: &str,
) -> Result<Reverse, DbError> {
    let Some(mut wallet) = Wallet::lock(tx, organization)? else {
        return Ok(Reverse::Unknown);
    };
    let Some(reversed) = entry::find(tx.connection, organization, reference)? else {
        return Ok(Reverse::Unknown);
    };
    if !matches!(reversed.kind, Kind::Grant | Kind::Spend) {
        return Ok(Reverse::NotReversible(reversed));
    }
    if let Some(earlier) = entry::find(tx.connection, organization, &of_reversal(reference))? {
        return Ok(Reverse::Already(earlier));
    }
    expiry::settle(tx, &mut wallet)?;
    if reversed.kind == Kind::Grant {
        take_back(tx, by, &mut wallet, reversed)
    } else {
        give_back(tx, by, &mut wallet, &reversed)
    }
}

fn take_back(tx: &mut WriteTx, by: By<'_>, wallet: &mut Wallet, grant: Entry) -> Result<Reverse, DbError> {
    let rest = grants::find(tx, &grant.id)?;
    // What has ended expires, booked or not.
    if rest.remaining == 0 || rest.has_ended(tx.now) {
        return Ok(Reverse::NothingLeft(grant));
    }
    let entry = book(tx, by, wallet, &grant, -rest.remaining)?;
    grants::change(tx, &entry, &rest, -rest.remaining)?;
    grants::end(tx, &rest.entry_id)?;
    Ok(Reverse::Reversed { entry, expired: 0, balance: wallet.balance })
}

fn give_back(tx: &mut WriteTx, by: By<'_>, wallet: &mut Wallet, spend: &Entry) -> Result<Reverse, DbError> {
    let entry = book(tx, by, wallet, spend, -spend.amount)?;
    let mut expired = 0;
    for (grant, amount) in grants::parts(tx, &spend.id)? {
        let rest = grants::find(tx, &grant)?;
        grants::change(tx, &entry, &rest, -amount)?;
        expired += if rest.has_ended(tx.now) { -amount } else { 0 };
    }
    expiry::settle(tx, wallet)?;
    let balance = wallet.balance - ended(tx.connection, &wallet.organization_id, tx.now)?;
    Ok(Reverse::Reversed { entry, expired, balance })
}

fn book(tx: &mut WriteTx, by: By<'_>, wallet: &mut Wallet, reversed: &Entry, amount: i64) -> Result<Entry, DbError> {
    let reference = of_reversal(&reversed.reference);
    let new =
        NewEntry { kind: Kind::Reversal, source: None, amount, reference: Some(&reference), note: &reversed.note };
    wallet.book(tx, by, &new)
}
