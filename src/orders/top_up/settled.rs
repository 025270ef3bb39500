//! A top-up that was paid.

use super::record::{self, Ending};
use super::settings;
use crate::credits::{low_balance, top_up};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId};

/// Its order was paid, and its credits were granted: waits for the threshold again. The Organization is locked.
pub fn settled(tx: &mut WriteTx, organization: &OrganizationId, order: &OrderId) -> Result<(), DbError> {
    if !record::end(tx, order, Ending::Paid, "")? {
        return Ok(());
    }
    if let Some(mut settings) = settings::read(tx.connection, organization)? {
        settings.declines = 0;
        settings.let_go();
        settings::store(tx, &settings)?;
        if settings.is_on() {
            top_up::wait(tx, organization, settings.threshold)?;
        }
    }
    low_balance::top_up_ended(tx, organization)
}
