//! Limits: how often something may be tried. Counters live in the database, so that they hold over restarts and for all
//! processes together. A transaction that needs several takes them in one order, that of a network first, then that of an
//! account, then those of what the account acts on: two that took them crosswise would wait for each other. Which limits there are
//! stands in [`crate::rates`].

use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp as SqlTimestamp};

use crate::db::{Connection, DbError, WriteTx};
use crate::jobs::Purge;
use crate::metrics::counts::COUNTS;
use crate::rates::{Limit, Limits};
use crate::schema::rate_limits;
use crate::secrets::Secret;
use crate::time::Timestamp;

/// Too often: try again after this many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// Which limit is used up. None, where only others are in the way for a moment.
    pub limit: Option<Limit>,
    pub retry_after: i64,
}

impl TooOften {
    fn refused(limit: Limit, ends_at: Timestamp, now: Timestamp) -> Self {
        COUNTS.limit_refused(limit.name());
        const MILLIS: i64 = 1_000;
        Self {
            limit: Some(limit),
            retry_after: ((ends_at - now).num_milliseconds().max(0) + MILLIS - 1).div_euclid(MILLIS).max(1),
        }
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

/// Bucket, end of a window that begins now, and now. The same words mean the same to both databases; Diesel has none of its own
/// that do.
const TAKE_ONE: &str = "INSERT INTO rate_limits (bucket, used, ends_at) VALUES ($1, 1, $2) \
    ON CONFLICT (bucket) DO UPDATE SET \
    used = CASE WHEN rate_limits.ends_at > $3 AND rate_limits.ends_at <= $2 THEN rate_limits.used + 1 ELSE 1 END, \
    ends_at = CASE WHEN rate_limits.ends_at > $3 AND rate_limits.ends_at <= $2 THEN rate_limits.ends_at ELSE $2 END \
    RETURNING bucket, used, ends_at";

#[derive(Queryable, Selectable, Insertable, QueryableByName)]
#[diesel(table_name = rate_limits)]
struct Counter {
    bucket: String,
    used: i32,
    ends_at: Timestamp,
}

/// The first of these limits that is used up, without taking any: a cheap look before costly work.
pub fn look(
    connection: &mut Connection,
    limits: &Limits,
    wanted: &[(Limit, String)],
    now: Timestamp,
) -> Result<Allowance, DbError> {
    for (limit, who) in wanted {
        let rate = limits.rate(*limit);
        let ends_at: Option<Timestamp> = rate_limits::table
            .filter(rate_limits::bucket.eq(bucket(*limit, who)))
            .filter(rate_limits::used.ge(rate.most))
            .filter(rate_limits::ends_at.gt(now))
            .filter(rate_limits::ends_at.le(now + rate.window))
            .select(rate_limits::ends_at)
            .first(connection)
            .optional()?;
        if let Some(ends_at) = ends_at {
            return Ok(Allowance::Refused(TooOften::refused(*limit, ends_at, now)));
        }
    }
    Ok(Allowance::Granted)
}

impl WriteTx<'_> {
    /// Whether one of these is used up by now.
    pub fn look(&mut self, wanted: &[(Limit, String)]) -> Result<Allowance, DbError> {
        look(self.connection, &self.context.limits, wanted, self.now)
    }

    /// Takes one of `limit` for `who`. What is taken stays taken when the transaction commits, also where the answer to the
    /// person is a refusal: the caller must commit.
    pub fn take(&mut self, limit: Limit, who: &str) -> Result<Allowance, DbError> {
        let (_, refusal) = self.take_up_to(limit, who, 1)?;
        Ok(refusal.map_or(Allowance::Granted, Allowance::Refused))
    }

    /// Takes one of each, in this order, up to the first that is used up.
    pub fn take_each(&mut self, wanted: &[(Limit, String)]) -> Result<Allowance, DbError> {
        for (limit, who) in wanted {
            if let Some(too_often) = self.take(*limit, who)?.refusal() {
                return Ok(Allowance::Refused(too_often));
            }
        }
        Ok(Allowance::Granted)
    }

    /// Takes `wanted`, or as many as are left: how many, and until when there are no more if they were fewer.
    pub fn take_up_to(&mut self, limit: Limit, who: &str, wanted: i32) -> Result<(i32, Option<TooOften>), DbError> {
        let (bucket, rate) = (bucket(limit, who), self.context.limits.rate(limit));
        self.lock_name(&bucket)?;
        let row = rate_limits::table.filter(rate_limits::bucket.eq(&bucket));
        let stored: Option<Counter> = row.select(Counter::as_select()).first(self.connection).optional()?;
        let window_end = self.now + rate.window;
        let (used, ends_at) = match &stored {
            // A window that ends later than one that began now was stored by a clock that was ahead: it must not last.
            Some(counter) if counter.ends_at > self.now && counter.ends_at <= window_end => {
                (counter.used, counter.ends_at)
            }
            _ => (0, window_end),
        };
        let granted = wanted.min(rate.most.saturating_sub(used)).max(0);
        let refusal = (granted < wanted).then(|| TooOften::refused(limit, ends_at, self.now));
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

    /// Takes one in a single statement. Where none is left the transaction must be rolled back, which takes this back, too.
    pub fn take_or_roll_back(&mut self, limit: Limit, who: &str) -> Result<Allowance, DbError> {
        let rate = self.context.limits.rate(limit);
        let counter: Counter = diesel::sql_query(TAKE_ONE)
            .bind::<Text, _>(bucket(limit, who))
            .bind::<SqlTimestamp, _>(self.now + rate.window)
            .bind::<SqlTimestamp, _>(self.now)
            .get_result(self.connection)?;
        if counter.used <= rate.most {
            return Ok(Allowance::Granted);
        }
        Ok(Allowance::Refused(TooOften::refused(limit, counter.ends_at, self.now)))
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

    /// Forgets everything counted for `whose` with whomever: see [`of_each`].
    pub fn forget_each(&mut self, limit: Limit, whose: &str) -> Result<(), DbError> {
        // What follows the colon is a hash, whose characters come before a semicolon.
        let (from, to) = (format!("{}:", bucket(limit, whose)), format!("{};", bucket(limit, whose)));
        let theirs = rate_limits::table.filter(rate_limits::bucket.gt(from)).filter(rate_limits::bucket.lt(to));
        diesel::delete(theirs).execute(self.connection)?;
        Ok(())
    }
}

/// Names one of the counters that somebody has with each of many others, such as an account for each network, so that all of them are
/// found by whose they are.
pub fn of_each(whose: &str, other: &str) -> String {
    format!("{whose}{BETWEEN}{other}")
}

/// In no address, id or network.
const BETWEEN: char = '\u{1f}';

/// Removes the counters whose window is over.
pub const PURGE: Purge =
    Purge { kind: "limits.purge", table: "rate_limits", key: "bucket", moment: "ends_at", kept: Duration::zero() };

/// The name of a counter. Addresses of people are not stored in clear for it.
fn bucket(limit: Limit, who: &str) -> String {
    let hashes: Vec<String> = who.split(BETWEEN).map(|part| Secret::presented(part).hash()).collect();
    format!("{}:{}", limit.name(), hashes.join(":"))
}
