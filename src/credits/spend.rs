//! Spending credits, as the cloud side calls it.

use crate::audit::By;
use crate::credits::amount::Amount;
use crate::credits::ended::ended;
use crate::credits::entry::{self, Entry, Kind};
use crate::credits::reference::{Reference, of_reversal};
use crate::credits::wallet::{NewEntry, Wallet};
use crate::credits::{expiry, grants};
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;

pub struct NewSpend<'a> {
    pub amount: Amount,
    /// What is paid for, such as a job of processing: whoever is not sure whether it was paid asks again with the same one.
    pub reference: &'a Reference,
    /// The same in a few words.
    pub note: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spend {
    Spent(Entry),
    /// The same was spent by this reference before. Nothing was changed.
    Already(Entry),
    /// The same was spent before, and given back by this row, so it is not paid. Nothing was changed: another reference pays for it.
    Reversed(Entry),
    /// The reference stands for something else.
    OtherWithReference(Entry),
    /// There are fewer credits than that. None was spent.
    TooFew {
        balance: i64,
    },
}

/// Spends credits of an Organization: all of them or none. Locks its wallet. Costs the same however long the ledger is.
pub fn spend(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    new: &NewSpend<'_>,
) -> Result<Spend, DbError> {
    let Some(mut wallet) = Wallet::lock(tx, organization)? else {
        return Ok(Spend::TooFew { balance: 0 });
    };
    let (amount, reference) = (new.amount.credits(), new.reference.as_str());
    if let Some(earlier) = entry::find(tx.connection, organization, reference)? {
        let is_same = earlier.kind == Kind::Spend && earlier.amount == -amount;
        if !is_same {
            return Ok(Spend::OtherWithReference(earlier));
        }
        let reversal = entry::find(tx.connection, organization, &of_reversal(reference))?;
        return Ok(reversal.map_or(Spend::Already(earlier), Spend::Reversed));
    }
    let mut open = grants::in_order(tx, organization)?;
    let mut balance = wallet.balance;
    // What has ended comes first, and is not to be spent, whether all of it is booked here or not.
    if open.first().is_some_and(|first| first.has_ended(tx.now)) {
        expiry::settle(tx, &mut wallet)?;
        balance = wallet.balance - ended(tx.connection, organization, tx.now)?;
        open = grants::to_spend(tx, organization)?;
    }
    if balance < amount {
        return Ok(Spend::TooFew { balance });
    }
    let entry = wallet.book(
        tx,
        by,
        &NewEntry { kind: Kind::Spend, source: None, amount: -amount, reference: Some(reference), note: new.note },
    )?;
    let mut left = amount;
    while left > 0 {
        if open.is_empty() {
            return Err(DbError::Unexpected(format!("the grants of {organization} are less than its balance")));
        }
        for rest in open {
            let part = rest.remaining.min(left);
            if part > 0 {
                grants::change(tx, &entry, &rest, -part)?;
                left -= part;
            }
        }
        open = if left > 0 { grants::to_spend(tx, organization)? } else { Vec::new() };
    }
    Ok(Spend::Spent(entry))
}
