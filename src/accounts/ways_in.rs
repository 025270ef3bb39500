//! What somebody signs in with besides their password.

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;

use crate::db::{Connection, DbError, on_either};
use crate::ids::UserId;
use crate::schema::{authenticator_apps, passkeys, recovery_codes, users};
use crate::time::Timestamp;

/// Two-factor authentication while it is on.
#[derive(Clone, Debug)]
pub struct TwoFactor {
    pub since: Timestamp,
    /// How many recovery codes were not used.
    pub codes_left: i64,
}

#[derive(Clone, Debug)]
pub struct WaysIn {
    /// `None` while it is off.
    pub two_factor: Option<TwoFactor>,
    pub has_app: bool,
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
    let app = exists(authenticator_apps::table.filter(authenticator_apps::user_id.eq(user)));
    let keys = passkeys::table.filter(passkeys::user_id.eq(user)).select(count_star()).single_value();
    let query = users::table.filter(users::id.eq(user));
    let (since, codes_left, has_app, passkeys): (Option<Timestamp>, Option<i64>, bool, Option<i64>) =
        on_either!(connection, |connection| {
            query.select((users::two_factor_at, unused, app, keys)).first(connection)
        })?;
    let two_factor = since.map(|since| TwoFactor { since, codes_left: codes_left.unwrap_or(0) });
    Ok(WaysIn { two_factor, has_app, passkeys: passkeys.unwrap_or(0) })
}
