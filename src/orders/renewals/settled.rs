//! A renewal that was paid.

use diesel::prelude::*;

use super::renewal::{self, Ending, TryOutcome};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrderId, RenewalId};
use crate::schema::{payments, renewal_tries, renewals};

/// The order of a try was paid, and the licence renewed: there is nothing more to try. One that somebody placed by hand is no try. The
/// Organization is locked.
pub fn settled(tx: &mut WriteTx, order: &OrderId) -> Result<(), DbError> {
    let found: Option<(RenewalId, i32)> = renewal_tries::table
        .inner_join(payments::table)
        .filter(payments::order_id.eq(order))
        .select((renewal_tries::renewal_id, renewal_tries::number))
        .first(tx.connection)
        .optional()?;
    let Some((renewal, number)) = found else { return Ok(()) };
    renewal::end_try(tx, &renewal, number, TryOutcome::Paid, "")?;
    renewal::end(tx, &renewal, Ending::Paid, None)
}

/// The term that an order paid for is taken back with its money: whoever resumes the licence is charged for it again. The Organization is
/// locked.
pub fn taken_back(tx: &mut WriteTx, order: &OrderId) -> Result<(), DbError> {
    let paid = renewals::table.filter(renewals::order_id.eq(order)).filter(renewals::outcome.eq(Ending::Paid));
    diesel::update(paid).set(renewals::outcome.eq(Ending::Stopped)).execute(tx.connection)?;
    Ok(())
}
