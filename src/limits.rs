//! Limits: how often something may be tried. Counters live in the database, so that they hold over restarts and for all
//! processes together. A transaction that needs several takes the one of the network first, then the one of the account: two
//! that took them crosswise would wait for each other.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Connection, DbError, Timestamp, WriteTx};
use crate::schema::rate_limits;

/// So many times in a window of time.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    name: &'static str,
    most: i32,
    window: Duration,
}

const fn limit(name: &'static str, most: i32, minutes: i64) -> Limit {
    Limit { name, most, window: Duration::minutes(minutes) }
}

/// Wrong passwords for one account, from anywhere.
pub const SIGN_IN_ACCOUNT: Limit = limit("sign-in account", 10, 15);
/// Wrong passwords from one network, for any account.
pub const SIGN_IN_ADDRESS: Limit = limit("sign-in address", 100, 15);
/// Messages that a stranger can have sent to one address: sign-up and reset.
pub const ACCOUNT_MAIL: Limit = limit("account mail", 5, 60);
/// Sign-ups and resets from one network.
pub const ACCOUNT_MAIL_ADDRESS: Limit = limit("account mail address", 60, 60);
/// Secrets tried from one network: links for verification, reset and invitation that did not work.
pub const WRONG_LINK_ADDRESS: Limit = limit("wrong link address", 60, 15);
/// Passwords tried behind one verification link.
pub const VERIFY_PASSWORD: Limit = limit("verify password", 10, 60);
/// Invitation mails of one Organization.
pub const INVITATIONS: Limit = limit("invitations", 2_000, 24 * 60);
/// How often one invitation can be sent again.
pub const INVITATION_RESENT: Limit = limit("invitation resent", 5, 60);

/// Logos that one account uploads: each is decoded.
pub const LOGO_UPLOADS: Limit = limit("logo uploads", 60, 60);

/// Too often: try again after this many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    pub retry_after: i64,
}

/// Whether `limit` is used up for `who`, without taking any: a cheap look before costly work.
pub fn is_used_up(
    connection: &mut Connection,
    limit: Limit,
    who: &str,
    now: Timestamp,
) -> Result<Result<(), TooOften>, DbError> {
    let ends_at: Option<Timestamp> = rate_limits::table
        .filter(rate_limits::bucket.eq(bucket(limit, who)))
        .filter(rate_limits::used.ge(limit.most))
        .filter(rate_limits::ends_at.gt(now))
        .select(rate_limits::ends_at)
        .first(connection)
        .optional()?;
    Ok(ends_at.map_or(Ok(()), |ends_at| Err(TooOften::until(ends_at, now))))
}

impl TooOften {
    fn until(ends_at: Timestamp, now: Timestamp) -> Self {
        Self { retry_after: (ends_at - now).num_seconds().max(0) + 1 }
    }
}

impl WriteTx<'_> {
    /// Takes one of `limit` for `who`. What is taken stays taken when the transaction commits, also where the answer to the
    /// person is a refusal: the caller must commit.
    pub fn take(&mut self, limit: Limit, who: &str) -> Result<Result<(), TooOften>, DbError> {
        self.take_many(limit, who, 1)
    }

    pub fn take_many(&mut self, limit: Limit, who: &str, count: i32) -> Result<Result<(), TooOften>, DbError> {
        let bucket = bucket(limit, who);
        self.lock_name(&bucket)?;
        let row = rate_limits::table.filter(rate_limits::bucket.eq(&bucket));
        let current: Option<(i32, Timestamp)> =
            row.select((rate_limits::used, rate_limits::ends_at)).first(self.connection).optional()?;
        match current {
            Some((used, ends_at)) if ends_at > self.now => {
                if used.saturating_add(count) > limit.most {
                    return Ok(Err(TooOften::until(ends_at, self.now)));
                }
                diesel::update(row).set(rate_limits::used.eq(used + count)).execute(self.connection)?;
            }
            over => {
                let fresh = (rate_limits::used.eq(count), rate_limits::ends_at.eq(self.now + limit.window));
                if over.is_some() {
                    diesel::update(row).set(fresh).execute(self.connection)?;
                } else {
                    diesel::insert_into(rate_limits::table)
                        .values((rate_limits::bucket.eq(&bucket), fresh.0, fresh.1))
                        .execute(self.connection)?;
                }
            }
        }
        Ok(Ok(()))
    }

    /// Gives one back: what was taken in advance turned out to be legitimate.
    pub fn give_back(&mut self, limit: Limit, who: &str) -> Result<(), DbError> {
        let bucket = bucket(limit, who);
        self.lock_name(&bucket)?;
        diesel::update(rate_limits::table.filter(rate_limits::bucket.eq(bucket)))
            .filter(rate_limits::used.gt(0))
            .set(rate_limits::used.eq(rate_limits::used - 1))
            .execute(self.connection)?;
        Ok(())
    }

    /// Forgets everything counted for `who`.
    pub fn forget(&mut self, limit: Limit, who: &str) -> Result<(), DbError> {
        let bucket = bucket(limit, who);
        self.lock_name(&bucket)?;
        diesel::delete(rate_limits::table.filter(rate_limits::bucket.eq(bucket))).execute(self.connection)?;
        Ok(())
    }
}

/// The name of a counter. Addresses of people are not stored in clear for it.
fn bucket(limit: Limit, who: &str) -> String {
    format!("{}:{}", limit.name, crate::secrets::Secret::presented(who).hash())
}
