//! `/organizations/{slug}/people`: members and open invitations in one list.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::mail::Undeliverable;
use crate::people::listing::{self, Listed, Place, Range, Sort, Status};
use crate::time::{Timestamp, When};
use crate::web::form::rules::one_line;
use crate::web::{Cursor, Layout, PageContext, Query, Section};

/// People on a page.
pub const PAGE: usize = 50;

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
    /// What is to be read: up to `limit` entries after `after`.
    pub fn range<'a>(&'a self, scope: &'a Scope, after: Option<&'a Cursor>, limit: usize, now: Timestamp) -> Range<'a> {
        Range {
            organization: scope.organization_id(),
            search: &self.search,
            role: Role::parse(&self.role),
            status: self.status.parse().ok().filter(|status| *status != Status::Suspended),
            sort: Sort::Name,
            descending: false,
            from: after.map_or(Place::Start, |after| Place::After(after.key())),
            limit,
            now,
        }
    }

    /// `path` with this filter, from `after` on.
    fn path(&self, path: &str, after: Option<&Cursor>) -> String {
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

/// A row as the page shows it.
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub status: Status,
    pub since: When,
    pub expires: Option<When>,
    pub undelivered: Option<Undeliverable>,
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
            let mut found = listing::read(connection, &filter.range(&scope, after.as_ref(), PAGE + 1, layout.now()))?;
            let has_more = found.len() > PAGE;
            found.truncate(PAGE);
            let path = scope.path("/people");
            let last = found.last().filter(|_| has_more).map(|entry| Cursor::after(&entry.key));
            let next_page = last.map(|last| filter.path(&path, Some(&last)));
            let rows = found.into_iter().map(|entry| row(&layout, &scope, entry)).collect();
            Ok(PeoplePage {
                slug: scope.slug().to_owned(),
                rows,
                next_page,
                first_page: after.map(|_| filter.path(&path, None)),
                roles: Role::ALL,
                export_url: filter.path(&scope.path("/people/export.csv"), None),
                filter,
                layout: layout.at(Section::People),
            })
        })
        .await
}

fn row(layout: &Layout, scope: &Scope, entry: Listed) -> PersonRow {
    PersonRow {
        is_self: entry.user_id.as_ref() == Some(&scope.person().user_id),
        can_manage: scope.may(Permission::ManagePeople) && scope.may_give(entry.role),
        since: layout.when(entry.since),
        expires: entry.expires.map(|moment| layout.when(moment)),
        undelivered: entry.undelivered,
        id: entry.id,
        name: entry.name,
        email: entry.email,
        role: entry.role,
        status: entry.status,
    }
}
