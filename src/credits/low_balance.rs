//! When a balance is low: the Organization says below how many credits that is.
//!
//! The row of the ledger that takes the balance below it notes that, and stores a job that tells people; the row that brings it back
//! forgets it. So it is told once for each time, however many rows follow. While a top-up is pending nothing is told: whoever begins
//! and ends one says so here, in the transactions that do it.

use crate::credits::wallet::Wallet;
use crate::credits::watch;
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;

/// The kind of job that tells people.
pub const TELL: &str = watch::TELL;

/// A balance that is low.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Low {
    pub balance: i64,
    /// Fewer than this are few.
    pub below: i64,
}

/// The Organization that such a job is about.
pub fn organization_of(subject: &str) -> Option<OrganizationId> {
    subject.split_once(' ').and_then(|(organization, _)| OrganizationId::parse(organization))
}

/// Says below how many credits the balance is low, and answers what was said before. Where it is low already, nobody is told: who says
/// so sees the balance. Locks the Organization, and then its wallet, which is opened where there is none.
pub fn set(tx: &mut WriteTx, organization: &OrganizationId, below: Option<i64>) -> Result<Option<i64>, DbError> {
    let mut wallet = Wallet::lock_or_open(tx, organization)?;
    let before = wallet.watch.low_below;
    if before != below {
        wallet.watch.low_below = below;
        let since = wallet.watch.is_low(wallet.balance).then_some(tx.now);
        (wallet.watch.low_since, wallet.watch.low_told_at) = (since, since);
        wallet.watch.store(tx, organization)?;
    }
    Ok(before)
}

/// Takes the news that the balance is low, for who tells them now: no second time before it was above again. `None` where there are
/// none, or none any more. Locks the wallet; whoever locks the Organization, too, does that first.
pub fn take(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Option<Low>, DbError> {
    let Some(mut wallet) = Wallet::lock(tx, organization)? else { return Ok(None) };
    let Some(below) = wallet.watch.low_below.filter(|_| wallet.watch.is_news(wallet.balance, tx.now)) else {
        return Ok(None);
    };
    wallet.watch.low_told_at = Some(tx.now);
    wallet.watch.store(tx, organization)?;
    Ok(Some(Low { balance: wallet.balance, below }))
}

/// A top-up is pending from now on. To be said in the transaction that decides to charge, best that of the spend itself. Locks the
/// wallet.
pub fn top_up_began(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    let Some(mut wallet) = Wallet::lock(tx, organization)? else { return Ok(()) };
    wallet.watch.top_up_since = Some(tx.now);
    wallet.watch.store(tx, organization)
}

/// It has ended, whether it brought credits or not: to be said after they were granted. What was not told meanwhile is told now.
/// Locks the wallet.
pub fn top_up_ended(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    let Some(mut wallet) = Wallet::lock(tx, organization)? else { return Ok(()) };
    if wallet.watch.top_up_since.take().is_none() {
        return Ok(());
    }
    wallet.watch.store(tx, organization)?;
    wallet.watch.tell_if_news(tx, organization, wallet.balance)
}
