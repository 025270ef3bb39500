//! Limits: how often something may be tried. Counters live in the database, so that they hold over restarts and for all
//! processes together. A transaction that needs several takes them in one order, that of a network first, then that of an
//! account, then those of what the account acts on: two that took them crosswise would wait for each other.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::metrics::counts::COUNTS;
use crate::schema::rate_limits;
use crate::secrets::Secret;
use crate::time::Timestamp;

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

const DAY: i64 = 24 * 60;

/// Wrong passwords for one account, from anywhere.
pub const SIGN_IN_ACCOUNT: Limit = limit("sign-in account", 10, 15);
/// Wrong passwords from one network, for any account.
pub const SIGN_IN_NETWORK: Limit = limit("sign-in address", 100, 15);
/// Messages that a stranger can have sent to one address: sign-up and reset.
pub const ACCOUNT_MAIL: Limit = limit("account mail", 5, 60);
/// Sign-ups and resets from one network.
pub const ACCOUNT_MAIL_NETWORK: Limit = limit("account mail address", 60, 60);
/// Secrets tried from one network: links for verification, reset and invitation that did not work.
pub const WRONG_LINK_NETWORK: Limit = limit("wrong link address", 60, 15);
/// Passwords tried behind one verification link.
pub const VERIFY_PASSWORD: Limit = limit("verify password", 10, 60);
/// Invitation mails that leave one network, whoever sends them.
pub const INVITATIONS_NETWORK: Limit = limit("invitations network", 4_000, DAY);
/// Invitation mails of one account, in all its Organizations.
pub const INVITATIONS_ACCOUNT: Limit = limit("invitations account", 2_000, DAY);
/// Invitation mails of one Organization.
pub const INVITATIONS_ORGANIZATION: Limit = limit("invitations", 2_000, DAY);
/// Invitation mails to one address, from whomever and whether they were withdrawn or not: nobody's mailbox is flooded.
pub const INVITATIONS_RECIPIENT: Limit = limit("invitations recipient", 10, DAY);
/// How often one invitation can be sent again.
pub const INVITATION_RESENT: Limit = limit("invitation resent", 5, 60);
/// Organizations that one account creates.
pub const ORGANIZATIONS_CREATED: Limit = limit("organizations created", 20, DAY);
/// Logos that one account uploads: each is decoded.
pub const LOGO_UPLOADS: Limit = limit("logo uploads", 60, 60);

/// Too often: try again after this many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// Which limit is used up.
    pub limit: &'static str,
    pub retry_after: i64,
}

impl TooOften {
    fn until(limit: &'static str, ends_at: Timestamp, now: Timestamp) -> Self {
        const MILLIS: i64 = 1_000;
        Self { limit, retry_after: ((ends_at - now).num_milliseconds().max(0) + MILLIS - 1).div_euclid(MILLIS).max(1) }
    }
}

/// Whether something may be done once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a limit that nobody looks at limits nothing"]
pub enum Allowance {
    Granted,
    Refused(TooOften),
}

impl Allowance {
    /// Why not, if not.
    pub fn refusal(self) -> Option<TooOften> {
        match self {
            Self::Granted => None,
            Self::Refused(too_often) => Some(too_often),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rate_limits)]
struct Counter {
    bucket: String,
    used: i32,
    ends_at: Timestamp,
}

/// The first of these limits that is used up, without taking any: a cheap look before costly work.
pub fn look(connection: &mut Connection, limits: &[(Limit, &str)], now: Timestamp) -> Result<Allowance, DbError> {
    for (limit, who) in limits {
        let ends_at: Option<Timestamp> = rate_limits::table
            .filter(rate_limits::bucket.eq(bucket(*limit, who)))
            .filter(rate_limits::used.ge(limit.most))
            .filter(rate_limits::ends_at.gt(now))
            .select(rate_limits::ends_at)
            .first(connection)
            .optional()?;
        if let Some(ends_at) = ends_at {
            COUNTS.limit_refused(limit.name);
            return Ok(Allowance::Refused(TooOften::until(limit.name, ends_at, now)));
        }
    }
    Ok(Allowance::Granted)
}

impl WriteTx<'_> {
    /// Takes one of `limit` for `who`. What is taken stays taken when the transaction commits, also where the answer to the
    /// person is a refusal: the caller must commit.
    pub fn take(&mut self, limit: Limit, who: &str) -> Result<Allowance, DbError> {
        let (_, refusal) = self.take_up_to(limit, who, 1)?;
        Ok(refusal.map_or(Allowance::Granted, Allowance::Refused))
    }

    /// Takes one of each, in this order, up to the first that is used up.
    pub fn take_each(&mut self, limits: &[(Limit, &str)]) -> Result<Allowance, DbError> {
        for (limit, who) in limits {
            if let Some(too_often) = self.take(*limit, who)?.refusal() {
                return Ok(Allowance::Refused(too_often));
            }
        }
        Ok(Allowance::Granted)
    }

    /// Takes `wanted`, or as many as are left: how many, and until when there are no more if they were fewer.
    pub fn take_up_to(&mut self, limit: Limit, who: &str, wanted: i32) -> Result<(i32, Option<TooOften>), DbError> {
        let bucket = bucket(limit, who);
        self.lock_name(&bucket)?;
        let row = rate_limits::table.filter(rate_limits::bucket.eq(&bucket));
        let stored: Option<Counter> = row.select(Counter::as_select()).first(self.connection).optional()?;
        let (used, ends_at) = match &stored {
            Some(counter) if counter.ends_at > self.now => (counter.used, counter.ends_at),
            _ => (0, self.now + limit.window),
        };
        let granted = wanted.min(limit.most - used).max(0);
        let refusal = (granted < wanted).then(|| TooOften::until(limit.name, ends_at, self.now));
        if refusal.is_some() {
            COUNTS.limit_refused(limit.name);
        }
        let counter = Counter { bucket: bucket.clone(), used: used + granted, ends_at };
        match stored {
            Some(stored) if stored.used == counter.used && stored.ends_at == ends_at => {}
            Some(_) => {
                let changes = (rate_limits::used.eq(counter.used), rate_limits::ends_at.eq(ends_at));
                diesel::update(row).set(changes).execute(self.connection)?;
            }
            None => {
                diesel::insert_into(rate_limits::table).values(counter).execute(self.connection)?;
            }
        }
        Ok((granted, refusal))
    }

    /// Gives some back: what was taken in advance turned out to be legitimate, or was not needed.
    pub fn give_back(&mut self, limit: Limit, who: &str, count: i32) -> Result<(), DbError> {
        let bucket = bucket(limit, who);
        self.lock_name(&bucket)?;
        diesel::update(rate_limits::table.filter(rate_limits::bucket.eq(bucket)))
            .filter(rate_limits::used.ge(count))
            .set(rate_limits::used.eq(rate_limits::used - count))
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

/// Removes the counters whose window is over.
pub fn clean_up(tx: &mut WriteTx) -> Result<usize, DbError> {
    Ok(diesel::delete(rate_limits::table.filter(rate_limits::ends_at.le(tx.now))).execute(tx.connection)?)
}

/// The name of a counter. Addresses of people are not stored in clear for it.
fn bucket(limit: Limit, who: &str) -> String {
    format!("{}:{}", limit.name, Secret::presented(who).hash())
}
