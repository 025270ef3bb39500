//! `/organizations/{slug}/people`: members and open invitations in one list.
//!
//! Two ranges of the directory, one of members and one of invitations, are read from the same key on and merged: a page costs the
//! same wherever it is and however many people there are.

use actix_web::HttpResponse;
use askama::Template;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::Deserialize;

use crate::access::{Permission, Role, Scope};
use crate::db::{Connection, DbError, Timestamp};
use crate::ids::{InvitationId, MembershipId, OrganizationId, UserId};
use crate::names::fold;
use crate::people::directory::{self, Kind};
use crate::schema::{invitations, memberships, people_terms, users};
use crate::web::form::one_line;
use crate::web::{AppError, Cursor, Layout, PageContext, Query, Section, When};

/// People on a page.
pub const PAGE: usize = 50;
/// The longest search, in characters; what is typed beyond is not looked at.
const SEARCH_LENGTH: usize = 80;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonStatus {
    Active,
    Pending,
    Expired,
}

impl PersonStatus {
    pub fn label(self) -> &'static str {
        match self {
            PersonStatus::Active => "Active",
            PersonStatus::Pending => "Pending",
            PersonStatus::Expired => "Expired",
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            PersonStatus::Active => "active",
            PersonStatus::Pending => "pending",
            PersonStatus::Expired => "expired",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        [Self::Active, Self::Pending, Self::Expired].into_iter().find(|status| status.class() == key)
    }
}

/// What the list is narrowed to. Empty or unknown values mean "all".
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PeopleFilter {
    #[serde(deserialize_with = "one_line")]
    pub search: String,
    pub role: String,
    pub status: String,
    pub after: String,
}

impl PeopleFilter {
    fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    fn status(&self) -> Option<PersonStatus> {
        PersonStatus::parse(&self.status)
    }

    fn search(&self) -> String {
        fold(&self.search).chars().take(SEARCH_LENGTH).collect()
    }

    /// The address of `path` with this filter, from `after` on.
    fn address(&self, path: &str, after: Option<&Cursor>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("search", &self.search), ("role", &self.role), ("status", &self.status)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(after) = after {
            query.append_pair("after", &after.encoded());
        }
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// A member or an open invitation.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What the list is ordered by, and where the next page starts.
    pub key: String,
    pub id: String,
    /// Empty for an invitation.
    pub name: String,
    pub email: String,
    pub role: Role,
    pub status: PersonStatus,
    pub since: Timestamp,
    pub expires: Option<Timestamp>,
    pub user_id: Option<UserId>,
}

/// What is read of the list: which Organization, what of it, from where on, how many.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    pub filter: &'a PeopleFilter,
    pub after: Option<&'a Cursor>,
    pub limit: usize,
    pub now: Timestamp,
}

/// Up to `limit` entries in order. At most two statements.
pub fn entries(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Entry>, DbError> {
    let status = range.filter.status();
    let mut found = Vec::new();
    if matches!(status, None | Some(PersonStatus::Active)) {
        found.extend(members(connection, range)?);
    }
    if status != Some(PersonStatus::Active) {
        found.extend(open_invitations(connection, range, status)?);
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found.truncate(range.limit);
    Ok(found)
}

diesel::alias!(people_terms as earlier_terms: EarlierTerms);

/// The terms of one kind in a range, in order, with their `$entries` joined: see [`directory`]. A macro, since the type of such a
/// query cannot be written down.
macro_rules! terms_with {
    ($range:expr, $kind:expr, $entries:expr, $columns:expr) => {{
        let range: &Range<'_> = $range;
        let search = range.filter.search();
        let (from, to) = directory::range(&search);
        let mut query = $entries
            .filter(people_terms::organization_id.eq(range.organization))
            .filter(people_terms::kind.eq(Kind::key($kind)))
            .filter(people_terms::term.lt(to))
            .order(people_terms::term)
            .limit(range.limit as i64)
            .select($columns)
            .into_boxed();
        // One lower bound, not two: SQLite uses only one of them to find where to start.
        query = match range.after.filter(|after| after.key() >= from.as_str()) {
            Some(after) => query.filter(people_terms::term.gt(after.key().to_owned())),
            None => query.filter(people_terms::term.ge(from.clone())),
        };
        if let Some(role) = range.filter.role() {
            query = query.filter(people_terms::role.eq(role));
        }
        if !search.is_empty() {
            // Who is found by several terms is listed at the first of them.
            query = query.filter(not(exists(
                earlier_terms
                    .filter(earlier_terms.field(people_terms::entry_id).eq(people_terms::entry_id))
                    .filter(earlier_terms.field(people_terms::term).ge(from))
                    .filter(earlier_terms.field(people_terms::term).lt(people_terms::term))
                    .select(earlier_terms.field(people_terms::term)),
            )));
        }
        query
    }};
}

fn members(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Entry>, DbError> {
    type Row = (String, MembershipId, UserId, String, String, String, Role, Timestamp);
    let rows: Vec<Row> = terms_with!(
        range,
        Kind::Member,
        people_terms::table
            .inner_join(memberships::table.on(memberships::id.eq(people_terms::entry_id)))
            .inner_join(users::table.on(users::id.eq(memberships::user_id))),
        (
            people_terms::term,
            memberships::id,
            users::id,
            users::first_name,
            users::last_name,
            users::email,
            memberships::role,
            memberships::created_at,
        )
    )
    .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(key, id, user_id, first_name, last_name, email, role, since)| Entry {
            key,
            id: id.to_string(),
            name: format!("{first_name} {last_name}").trim().to_owned(),
            email,
            role,
            status: PersonStatus::Active,
            since,
            expires: None,
            user_id: Some(user_id),
        })
        .collect())
}

fn open_invitations(
    connection: &mut Connection,
    range: &Range<'_>,
    status: Option<PersonStatus>,
) -> Result<Vec<Entry>, DbError> {
    type Row = (String, InvitationId, String, Role, Timestamp, Timestamp);
    let mut query = terms_with!(
        range,
        Kind::Invitation,
        people_terms::table.inner_join(invitations::table.on(invitations::id.eq(people_terms::entry_id))),
        (
            people_terms::term,
            invitations::id,
            invitations::email,
            invitations::role,
            invitations::sent_at,
            invitations::expires_at,
        )
    );
    // An Organization has a limited number of open invitations, so looking through them for a status is limited too.
    match status {
        Some(PersonStatus::Pending) => query = query.filter(invitations::expires_at.gt(range.now)),
        Some(PersonStatus::Expired) => query = query.filter(invitations::expires_at.le(range.now)),
        _ => {}
    }
    let rows: Vec<Row> = query.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(key, id, email, role, sent_at, expires_at)| Entry {
            key,
            id: id.to_string(),
            name: String::new(),
            email,
            role,
            status: if expires_at > range.now { PersonStatus::Pending } else { PersonStatus::Expired },
            since: sent_at,
            expires: Some(expires_at),
            user_id: None,
        })
        .collect())
}

/// A row as the page shows it.
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub status: PersonStatus,
    pub since: When,
    pub expires: Option<When>,
    pub is_self: bool,
    pub can_manage: bool,
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeoplePage {
    layout: Layout,
    slug: String,
    filter: PeopleFilter,
    rows: Vec<PersonRow>,
    next_page: Option<String>,
    first_page: Option<String>,
    roles: &'static [Role],
    export_url: String,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<PeopleFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    context
        .show(move |connection, layout| {
            let after = Cursor::decode(&filter.after);
            let range = Range {
                organization: scope.organization_id(),
                filter: &filter,
                after: after.as_ref(),
                limit: PAGE + 1,
                now: layout.now(),
            };
            let mut found = entries(connection, &range)?;
            let has_more = found.len() > PAGE;
            found.truncate(PAGE);
            let path = scope.path("/people");
            let last = found.last().filter(|_| has_more).map(|entry| Cursor::after(&entry.key));
            let next_page = last.map(|last| filter.address(&path, Some(&last)));
            let rows = found.into_iter().map(|entry| row(&layout, &scope, entry)).collect();
            Ok(PeoplePage {
                slug: scope.slug().to_owned(),
                rows,
                next_page,
                first_page: after.map(|_| filter.address(&path, None)),
                roles: &Role::ALL,
                export_url: filter.address(&scope.path("/people/export.csv"), None),
                filter,
                layout: layout.at(Section::People),
            })
        })
        .await
}

fn row(layout: &Layout, scope: &Scope, entry: Entry) -> PersonRow {
    PersonRow {
        is_self: entry.user_id.as_ref() == Some(&scope.signed_in.user_id),
        can_manage: scope.may(Permission::ManagePeople) && scope.organization.role.may_give(entry.role),
        since: layout.when(entry.since),
        expires: entry.expires.map(|moment| layout.when(moment)),
        id: entry.id,
        name: entry.name,
        email: entry.email,
        role: entry.role,
        status: entry.status,
    }
}
