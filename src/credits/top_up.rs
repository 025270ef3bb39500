//! When credits are to be topped up: a spend that leaves no more than the threshold stores a job, in its own transaction.
//!
//! The wallet knows the threshold only while it is waited for: the spend that reaches it takes it away, and whoever has ended the
//! top-up sets it again. So however many spends follow one another, there is one top-up, and a spend asks nothing more.

use crate::credits::wallet::Wallet;
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;

/// Waits for the threshold from now on; where no more is left than that, begins at once, and answers true. Locks the Organization,
/// and then its wallet, which is opened where there is none.
pub fn wait(tx: &mut WriteTx, organization: &OrganizationId, threshold: i64) -> Result<bool, DbError> {
    let mut wallet = Wallet::lock_or_open(tx, organization)?;
    wallet.wait_for(tx, Some(threshold))?;
    wallet.top_up_if_due(tx)
}

/// Waits for nothing any more. Locks the wallet.
pub fn wait_no_more(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    match Wallet::lock(tx, organization)? {
        Some(mut wallet) => wallet.wait_for(tx, None),
        None => Ok(()),
    }
}
