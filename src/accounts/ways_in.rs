//! What somebody signs in with besides their password.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::accounts::two_factor::State;
use crate::db::{Connection, DbError, on_either};
use crate::ids::UserId;
use crate::schema::{passkeys, recovery_codes, users};
use crate::time::Timestamp;

#[derive(Clone, Debug)]
pub struct WaysIn {
    /// `None` while it is off.
    pub two_factor: Option<State>,
    /// How many there are.
    pub passkeys: i64,
}

/// One statement.
pub fn of_user(connection: &mut Connection, user: &UserId) -> Result<WaysIn, DbError> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .select(count_star())
        .single_value();
    let keys = passkeys::table.filter(passkeys::user_id.eq(user)).select(count_star()).single_value();
    let query = users::table.filter(users::id.eq(user));
    let (since, codes_left, passkeys): (Option<Timestamp>, Option<i64>, Option<i64>) =
        on_either!(connection, |connection| { query.select((users::two_factor_at, unused, keys)).first(connection) })?;
    let two_factor = since.map(|since| State { since, codes_left: codes_left.unwrap_or(0) });
    Ok(WaysIn { two_factor, passkeys: passkeys.unwrap_or(0) })
}
