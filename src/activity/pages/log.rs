//! `/organizations/{slug}/activity`: what was done in an Organization, and by whom.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::filter::{ActivityFilter, PAGE, Whom};
use super::words::{Difference, EntryInWords};
use crate::access::{Role, Scope};
use crate::accounts::users;
use crate::activity::{Entry, listing};
use crate::audit::Topic;
use crate::audit::words::Piece;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::UserId;
use crate::paging::Part;
use crate::people::members;
use crate::time::When;
use crate::web::{FieldErrors, Layout, PageContext, Query, Section};

/// A row of the log as the page shows it.
struct LogRow {
    at: When,
    who: String,
    /// The log narrowed to them, where they are a person.
    by_them: Option<String>,
    /// The role that they had then.
    role: Option<Role>,
    words: Vec<Piece>,
    differences: Vec<Difference>,
    ip: String,
}

impl LogRow {
    fn new(layout: &Layout, entry: &Entry, by_them: Option<String>) -> Self {
        let when = |moment| layout.when(moment);
        let in_words = EntryInWords::new(entry, &when);
        Self {
            at: layout.when(entry.at),
            who: entry.actor_name.clone(),
            by_them,
            role: Role::parse(&entry.actor_role),
            words: in_words.words(),
            differences: in_words.differences(),
            ip: entry.ip.clone(),
        }
    }
}

/// What a log can be narrowed to.
struct Kind {
    key: String,
    label: &'static str,
    is_current: bool,
}

/// Whom the log is narrowed to by the link of a name.
struct Chosen {
    /// Empty where nobody here has that id.
    name: String,
    /// The same without them.
    everybody: String,
}

#[derive(Template)]
#[template(path = "activity/log.html")]
struct LogPage {
    layout: Layout,
    slug: String,
    filter: ActivityFilter,
    errors: FieldErrors,
    kinds: Vec<Kind>,
    chosen: Option<Chosen>,
    rows: Vec<LogRow>,
    newer: Option<String>,
    older: Option<String>,
    export_url: String,
}

/// Whom a filter is about: nobody at all where an address has no account.
pub(super) enum Person {
    Everybody,
    Somebody(UserId),
    Nobody,
}

impl Person {
    /// Looks for the address, where the filter has one. One statement then.
    pub(super) fn of(connection: &mut Connection, filter: &ActivityFilter) -> Result<Self, DbError> {
        Ok(match filter.whom() {
            Whom::Everybody => Self::Everybody,
            Whom::Id(id) => Self::Somebody(id),
            Whom::Address(address) => {
                users::credentials(connection, &address)?.map_or(Self::Nobody, |user| Self::Somebody(user.id))
            }
        })
    }

    /// The rows that the filter shows.
    pub(super) fn rows(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        filter: &ActivityFilter,
        place: listing::Place,
        limit: usize,
    ) -> Result<Vec<Entry>, DbError> {
        let person = match self {
            Self::Everybody => None,
            Self::Somebody(id) => Some(id),
            Self::Nobody => return Ok(Vec::new()),
        };
        listing::read(connection, &filter.range(scope, person, place, limit))
    }
}

pub async fn show(context: PageContext, scope: Scope, query: Query<ActivityFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    let filter = ActivityFilter { zone: context.reading().calendar.zone, ..filter };
    let errors = filter.errors();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    context
        .show_as(status, move |connection, layout| {
            let place = filter.place();
            let person = Person::of(connection, &filter)?;
            let found = person.rows(connection, &scope, &filter, place.clone(), PAGE + 1)?;
            let part = Part::new(found, &place, PAGE);
            let chosen = match filter.whom() {
                Whom::Id(id) => Some(chosen(connection, &scope, &filter, &id, &part.rows)?),
                Whom::Everybody | Whom::Address(_) => None,
            };
            Ok(LogPage {
                slug: scope.slug().to_owned(),
                kinds: kinds(&filter),
                chosen,
                newer: part.rows.first().filter(|_| part.has_previous).map(|entry| filter.newer(entry).page(&scope)),
                older: part.rows.last().filter(|_| part.has_next).map(|entry| filter.older(entry).page(&scope)),
                rows: rows(&layout, &scope, &filter, &part.rows),
                export_url: filter.file(&scope),
                errors,
                filter,
                layout: layout.at(Section::Activity),
            })
        })
        .await
}

fn rows(layout: &Layout, scope: &Scope, filter: &ActivityFilter, entries: &[Entry]) -> Vec<LogRow> {
    // Few people make most of a page.
    let mut links = HashMap::new();
    let mut link = |actor: &str| {
        let known = links.entry(actor.to_owned());
        let new = || UserId::parse(actor).map(|person| filter.with_person(Some(&person)).page(scope));
        known.or_insert_with(new).clone()
    };
    entries.iter().map(|entry| LogRow::new(layout, entry, link(&entry.actor_id))).collect()
}

/// The name is what the rows call them; without any, that of a member. An id alone says nothing about anybody else.
fn chosen(
    connection: &mut Connection,
    scope: &Scope,
    filter: &ActivityFilter,
    id: &UserId,
    rows: &[Entry],
) -> Result<Chosen, DbError> {
    let mut did = rows.iter().filter(|entry| entry.actor_id == id.as_str()).map(|entry| entry.actor_name.clone());
    let name = match did.next().or_else(|| rows.first().map(|entry| entry.subject_name.clone())) {
        Some(name) => name,
        None => members::name_of(connection, scope.organization_id(), id)?.unwrap_or_default(),
    };
    Ok(Chosen { name, everybody: filter.with_person(None).page(scope) })
}

/// What pages call a topic.
pub(super) fn topic_label(topic: Topic) -> &'static str {
    match topic {
        Topic::People => "People",
        Topic::Licences => "Licences",
        Topic::Orders => "Orders and invoices",
        Topic::Credits => "Credits",
        Topic::Notifications => "Email notifications",
        Topic::Settings => "Settings",
        Topic::Account => "Accounts",
        Topic::Portal => "Portal",
    }
}

fn kinds(filter: &ActivityFilter) -> Vec<Kind> {
    let kind = |topic: &Topic| Kind {
        key: topic.as_ref().to_owned(),
        label: topic_label(*topic),
        is_current: filter.topic() == Some(*topic),
    };
    Topic::OF_ORGANIZATIONS.iter().map(kind).collect()
}
