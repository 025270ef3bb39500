//! Sign-ins that wait for their second step: how they end without one.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::jobs::Purge;
use crate::schema::pending_sign_ins;

/// Makes useless all that waits for a second step of an account.
pub(super) fn void_all(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::delete(pending_sign_ins::table.filter(pending_sign_ins::user_id.eq(user))).execute(tx.connection)?;
    Ok(())
}

/// Removes what nobody came back to.
pub const PURGE: Purge = Purge {
    kind: "pending-sign-ins.purge",
    table: "pending_sign_ins",
    key: "id",
    moment: "expires_at",
    kept: Duration::zero(),
};
