//! Which questions are answered: none is, twice.

use chrono::Duration;
use diesel::prelude::*;

use super::relying_party::LIFETIME;
use crate::db::{DbError, WriteTx, is_unique};
use crate::jobs::Purge;
use crate::schema::passkey_answers;

/// Takes an answer to a question. False where there was one before.
pub(super) fn take(tx: &mut WriteTx, question: &str) -> Result<bool, DbError> {
    // By the end of it the question is too old, whenever it was asked.
    let row = (passkey_answers::id.eq(question), passkey_answers::expires_at.eq(tx.now + LIFETIME));
    let taken = tx.savepoint(|connection| diesel::insert_into(passkey_answers::table).values(row).execute(connection));
    match taken {
        Ok(_) => Ok(true),
        Err(error) if is_unique(&error, "passkey_answers_pkey", "passkey_answers.id") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Forgets those that are too old to be answered.
pub const PURGE: Purge = Purge {
    kind: "passkey-answers.purge",
    table: "passkey_answers",
    key: "id",
    moment: "expires_at",
    kept: Duration::zero(),
};
