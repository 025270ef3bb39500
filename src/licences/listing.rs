//! "My Plans": the licences that somebody may see, a part at a time.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::{Ascending, Connection, DbError, Descending, on_either};
use crate::ids::LicenceId;
use crate::licences::licence::Licence;
use crate::licences::status::EXPIRING;
use crate::paging::{Part, Place};
use crate::schema::{licence_grants, licence_seats, licences};
use crate::time::Timestamp;

/// What the list is narrowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Show {
    /// The newest first.
    #[default]
    All,
    /// What ends soonest first.
    Expiring,
    /// What ended first, first.
    InGrace,
    Suspended,
}

impl Show {
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// A licence in the list.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    pub licence: Licence,
    used: Option<i64>,
    own: Option<i64>,
}

impl Listed {
    pub(super) fn new(licence: Licence, used: Option<i64>, own: Option<i64>) -> Self {
        Self { licence, used, own }
    }

    /// How many seats are occupied.
    pub fn used(&self) -> i64 {
        self.used.unwrap_or(0)
    }

    /// Whether one of them is that of whoever looks.
    pub fn has_own_seat(&self) -> bool {
        self.own.unwrap_or(0) > 0
    }

    /// What names its place in the list.
    pub fn key(&self, show: Show) -> String {
        match (show, self.licence.ends_at) {
            (Show::Expiring | Show::InGrace, Some(ends_at)) => format!("{ends_at} {}", self.licence.id),
            _ => self.licence.id.to_string(),
        }
    }
}

/// How many seats of a licence are occupied, and whether by whoever looks; and what else is asked for.
macro_rules! with_seats {
    ($query:expr, $user:expr $(, $other:expr)*) => {{
        let seats = || licence_seats::table.filter(licence_seats::licence_id.eq(licences::id));
        let own = seats().filter(licence_seats::user_id.eq($user)).count().single_value();
        $query.select((Licence::as_select(), seats().count().single_value(), own $(, $other)*))
    }};
}
pub(super) use with_seats;

/// Reads a query in the order of the ids, the newest first, from a place on.
macro_rules! by_id {
    ($connection:expr, $query:expr, $user:expr, $column:expr, $place:expr) => {{
        let (query, column) = ($query, $column);
        on_either!($connection, |connection| {
            let query = with_seats!(query, $user);
            match $place {
                Place::Start => query.order(column.desc()).load::<Listed>(connection),
                Place::After(key) => query.filter(column.lt(key)).order(column.desc()).load(connection),
                Place::Before(key) => query.filter(column.gt(key)).order(column.asc()).load(connection),
            }
        })
    }};
}

/// What somebody may see of a list, from `place` on. One statement.
pub fn read(
    connection: &mut Connection,
    scope: &Scope,
    show: Show,
    place: Place<&str>,
    most: usize,
    (now, grace): (Timestamp, Duration),
) -> Result<Part<Listed>, DbError> {
    let (user, limit) = (&scope.person().user_id, most as i64 + 1);
    // An address that somebody made up leads to the start.
    let is_key = |key: &str| !matches!(show, Show::Expiring | Show::InGrace) || end_and_id(key).is_some();
    let place = match place {
        Place::After(key) | Place::Before(key) if !is_key(key) => Place::Start,
        place => place,
    };
    let found = if scope.may(Permission::ViewLicences) {
        let theirs = licences::table.filter(licences::organization_id.eq(scope.organization_id())).limit(limit);
        match show {
            Show::All => by_id!(connection, theirs, user, licences::id, place)?,
            Show::Suspended => {
                let suspended = theirs.filter(licences::suspended_at.is_not_null());
                by_id!(connection, suspended, user, licences::id, place)?
            }
            Show::Expiring => by_end(connection, scope, (now, now + EXPIRING), place, limit)?,
            Show::InGrace => by_end(connection, scope, (now - grace, now), place, limit)?,
        }
    } else {
        // Readers and Members are given few: they see all of them.
        let theirs = licence_grants::table
            .inner_join(licences::table)
            .filter(licence_grants::organization_id.eq(scope.organization_id()))
            .filter(licence_grants::user_id.eq(user))
            .limit(limit);
        by_id!(connection, theirs, user, licence_grants::licence_id, place)?
    };
    Ok(Part::as_read(found, &place, most))
}

/// A licence that somebody may see. One statement.
pub fn one(connection: &mut Connection, scope: &Scope, id: &LicenceId) -> Result<Option<Listed>, DbError> {
    let user = &scope.person().user_id;
    let found = if scope.may(Permission::ViewLicences) {
        let query =
            licences::table.filter(licences::id.eq(id)).filter(licences::organization_id.eq(scope.organization_id()));
        on_either!(connection, |connection| with_seats!(query, user).first(connection).optional())
    } else {
        let query = licence_grants::table
            .inner_join(licences::table)
            .filter(licence_grants::licence_id.eq(id))
            .filter(licence_grants::organization_id.eq(scope.organization_id()))
            .filter(licence_grants::user_id.eq(user));
        on_either!(connection, |connection| with_seats!(query, user).first(connection).optional())
    };
    Ok(found?)
}

/// The moment and the id of a key of [`Listed::key`].
fn end_and_id(key: &str) -> Option<(Timestamp, LicenceId)> {
    let (moment, id) = key.split_once(' ')?;
    Some((Timestamp::from(moment.parse::<DateTime<Utc>>().ok()?), LicenceId::parse(id)?))
}

/// What ends in this time, but for its beginning, and nobody meant to: in the order of the ends.
fn by_end(
    connection: &mut Connection,
    scope: &Scope,
    (after, until): (Timestamp, Timestamp),
    place: Place<&str>,
    limit: i64,
) -> Result<Vec<Listed>, DbError> {
    let theirs = licences::table
        .filter(licences::organization_id.eq(scope.organization_id()))
        .filter(licences::suspended_at.is_null())
        .filter(licences::cancelled_at.is_null())
        .filter(licences::ends_at.gt(after))
        .filter(licences::ends_at.le(until))
        .limit(limit);
    let user = &scope.person().user_id;
    let (ends_at, id) = (licences::ends_at, licences::id);
    let (from, is_before) = match place {
        Place::Start => (None, false),
        Place::After(key) => (end_and_id(key), false),
        Place::Before(key) => (end_and_id(key), true),
    };
    let found = on_either!(connection, |connection| {
        let query = with_seats!(theirs, user);
        match from {
            Some((end, last)) if is_before => {
                let query = query.filter(Descending::behind((ends_at, id), (end, last)));
                query.order((ends_at.desc(), id.desc())).load(connection)
            }
            Some((end, last)) => {
                let query = query.filter(Ascending::behind((ends_at, id), (end, last)));
                query.order((ends_at.asc(), id.asc())).load(connection)
            }
            None => query.order((ends_at.asc(), id.asc())).load(connection),
        }
    });
    Ok(found?)
}
