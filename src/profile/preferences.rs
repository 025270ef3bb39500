//! How somebody wants the portal to be, and saving it.

use diesel::prelude::*;
use serde_json::{Map, Value};

use crate::access::{Membership, Person};
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::ids::UserId;
use crate::people::defaults;
use crate::schema::users as user_rows;
use crate::time::DateFormat;

#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = user_rows)]
pub struct Preferences {
    #[diesel(column_name = default_organization_id)]
    pub default_organization: Option<OrganizationId>,
    /// The name of a zone.
    pub time_zone: String,
    pub date_format: DateFormat,
    /// Whether they are mailed what happens in their Organizations.
    pub organization_news: bool,
}

pub fn load(connection: &mut Connection, user: &UserId) -> Result<Preferences, DbError> {
    Ok(user_rows::table.filter(user_rows::id.eq(user)).select(Preferences::as_select()).first(connection)?)
}

/// How many Organizations can be chosen from: those that were opened last.
const OFFERED: i64 = 500;

/// The Organizations of a user that can be their default, by name.
pub fn offered(connection: &mut Connection, user: &UserId) -> Result<Vec<Membership>, DbError> {
    let mut offered = Membership::of_user(connection, user, OFFERED)?;
    offered.sort_by_cached_key(|membership| crate::names::fold(&membership.name));
    Ok(offered)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SavePreferences {
    Saved,
    /// All of it is stored already.
    Unchanged,
    /// These fields were changed elsewhere meanwhile, so nothing was. With what is stored.
    Stale(Vec<&'static str>, Preferences),
    /// The default Organization is none of theirs.
    NotTheirs,
}

pub const DEFAULT_ORGANIZATION: &str = "default_organization";
pub const TIME_ZONE: &str = "time_zone";
pub const DATE_FORMAT: &str = "date_format";
pub const ORGANIZATION_NEWS: &str = "organization_news";

/// What is to be stored in a field, by what stands in it, what was seen in it and what is wanted there. `None` where it was changed
/// elsewhere.
fn merged<T: Clone + PartialEq>(stored: &T, seen: &T, wanted: &T) -> Option<T> {
    if wanted == seen || wanted == stored { Some(stored.clone()) } else { (stored == seen).then(|| wanted.clone()) }
}

/// Saves what was changed of `seen`: all of it, or nothing.
pub fn save(
    tx: &mut WriteTx,
    person: &Person,
    seen: &Preferences,
    wanted: &Preferences,
) -> Result<SavePreferences, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    let stored = load(tx.connection, user)?;
    let organization = merged(&stored.default_organization, &seen.default_organization, &wanted.default_organization);
    let zone = merged(&stored.time_zone, &seen.time_zone, &wanted.time_zone);
    let format = merged(&stored.date_format, &seen.date_format, &wanted.date_format);
    let news = merged(&stored.organization_news, &seen.organization_news, &wanted.organization_news);
    let stale: Vec<&'static str> = [
        (DEFAULT_ORGANIZATION, organization.is_none()),
        (TIME_ZONE, zone.is_none()),
        (DATE_FORMAT, format.is_none()),
        (ORGANIZATION_NEWS, news.is_none()),
    ]
    .into_iter()
    .filter_map(|(field, is_stale)| is_stale.then_some(field))
    .collect();
    let (Some(organization), Some(time_zone), Some(date_format), Some(news)) = (organization, zone, format, news)
    else {
        return Ok(SavePreferences::Stale(stale, stored));
    };
    let new = Preferences { default_organization: organization, time_zone, date_format, organization_news: news };
    if new == stored {
        return Ok(SavePreferences::Unchanged);
    }
    store(tx, person, &stored, &new)
}

fn store(
    tx: &mut WriteTx,
    person: &Person,
    stored: &Preferences,
    new: &Preferences,
) -> Result<SavePreferences, DbError> {
    let user = &person.user_id;
    let (mut before, mut after) = (Map::new(), Map::new());
    let mut note = |field: &str, old: Value, new: Value| {
        if old != new {
            before.insert(field.to_owned(), old);
            after.insert(field.to_owned(), new);
        }
    };
    if new.default_organization != stored.default_organization {
        let mut name = |organization: &Option<OrganizationId>| match organization {
            Some(organization) => defaults::hold(tx, organization, user).map(|name| name.unwrap_or_default()),
            None => Ok(String::new()),
        };
        let (old_name, new_name) = (name(&stored.default_organization)?, name(&new.default_organization)?);
        if new.default_organization.is_some() && new_name.is_empty() {
            return Ok(SavePreferences::NotTheirs);
        }
        note(DEFAULT_ORGANIZATION, old_name.into(), new_name.into());
    }
    note(TIME_ZONE, stored.time_zone.as_str().into(), new.time_zone.as_str().into());
    note(DATE_FORMAT, stored.date_format.key().into(), new.date_format.key().into());
    note(ORGANIZATION_NEWS, stored.organization_news.into(), new.organization_news.into());
    diesel::update(user_rows::table.filter(user_rows::id.eq(user)))
        .set((
            user_rows::default_organization_id.eq(&new.default_organization),
            user_rows::time_zone.eq(&new.time_zone),
            user_rows::date_format.eq(new.date_format),
            user_rows::organization_news.eq(new.organization_news),
            user_rows::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    users::record_change(tx, person, Action::PreferencesChanged, Value::Object(before), Value::Object(after))?;
    Ok(SavePreferences::Saved)
}
