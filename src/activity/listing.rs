//! Reading the log, the newest first.

use diesel::prelude::*;

use super::entry::Entry;
use crate::audit::Topic;
use crate::db::{Connection, DbError, newest_first, on_either};
use crate::ids::{ActivityId, OrganizationId, UserId};
use crate::paging::{Part, Standing};
use crate::schema::activity;
use crate::time::Timestamp;

/// Where a row stands in the log.
pub type Place = crate::paging::Place<Standing<ActivityId>>;

/// Whose log is read.
#[derive(Clone, Copy, Debug)]
pub enum Log<'a> {
    Organization(&'a OrganizationId),
    /// What was done to an account, and to nothing of an Organization.
    Account(&'a UserId),
}

/// What of it is read.
#[derive(Clone, Debug)]
pub struct Range<'a> {
    pub log: Log<'a>,
    pub topic: Option<Topic>,
    /// The id of somebody who did it, or to whom it was done.
    pub person: Option<&'a str>,
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The moment behind the last one.
    pub until: Option<Timestamp>,
    pub place: Place,
    pub limit: usize,
}

/// How somebody stands in a row.
#[derive(Clone, Copy)]
enum As {
    Actor,
    Subject,
}

/// Up to `limit` rows, in the order of the list: those next to the place. One statement, or two for a person.
pub fn read(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Entry>, DbError> {
    let person = match (range.log, range.person) {
        (Log::Account(user), _) => return of(connection, range, Some((As::Subject, user.as_str()))),
        (Log::Organization(_), None) => return of(connection, range, None),
        (Log::Organization(_), Some(person)) => person,
    };
    let mut found = of(connection, range, Some((As::Actor, person)))?;
    found.extend(of(connection, range, Some((As::Subject, person)))?);
    found.sort_by(|one, other| (other.at, &other.id).cmp(&(one.at, &one.id)));
    // What they did to themselves was found twice.
    found.dedup_by(|one, other| one.id == other.id);
    if let Place::Before(_) = range.place {
        found.drain(..found.len().saturating_sub(range.limit));
    }
    found.truncate(range.limit);
    Ok(found)
}

/// The statement behind [`of`], for either database.
macro_rules! query {
    ($range:expr, $person:expr) => {{
        let range: &Range<'_> = $range;
        let mut query = activity::table.limit(range.limit as i64).select(Entry::as_select()).into_boxed();
        query = match range.log {
            Log::Organization(organization) => query.filter(activity::organization_id.eq(organization)),
            Log::Account(_) => query.filter(activity::organization_id.is_null()),
        };
        query = newest_first!(query, range, (activity::at, activity::id));
        query = match $person {
            Some((As::Actor, id)) => query.filter(activity::actor_id.eq(id)),
            Some((As::Subject, id)) => query.filter(activity::subject_id.eq(id)),
            None => query,
        };
        if let Some(topic) = range.topic {
            query = query.filter(activity::topic.eq(topic));
        }
        query
    }};
}

fn of(connection: &mut Connection, range: &Range<'_>, person: Option<(As, &str)>) -> Result<Vec<Entry>, DbError> {
    let mut rows: Vec<Entry> = on_either!(connection, |connection| query!(range, person).load(connection))?;
    if let Place::Before(_) = range.place {
        rows.reverse();
    }
    Ok(rows)
}

/// What happened to somebody's own account, the newest first: up to `most` rows. One statement.
pub fn of_account(
    connection: &mut Connection,
    user: &UserId,
    place: &Place,
    most: usize,
) -> Result<Part<Entry>, DbError> {
    let log = Log::Account(user);
    let range =
        Range { log, topic: None, person: None, from: None, until: None, place: place.clone(), limit: most + 1 };
    Ok(Part::new(read(connection, &range)?, place, most))
}
