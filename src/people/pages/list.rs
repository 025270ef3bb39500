//! `/organizations/{slug}/people`: members and open invitations in one list, and what can be done with them.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::mail::Undeliverable;
use crate::names::Initials;
use crate::paging::Part;
use crate::people::counts::{self, Counts, PerRole};
use crate::people::listing::{self, Listed, Place, Sort, Status};
use crate::people::pages::filter::{PAGE, PeopleFilter};
use crate::people::pages::selection::MOST;
use crate::people::pages::without_two_factor;
use crate::time::{When, relative_day};
use crate::web::{Cursor, Layout, PageContext, Query, Section};

/// A row as the page shows it.
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub initials: Initials,
    pub role: Role,
    pub status: Status,
    pub since: When,
    pub expires: Option<When>,
    /// In words, to the day.
    pub last_active: Option<String>,
    pub undelivered: Option<Undeliverable>,
    pub is_self: bool,
    pub can_manage: bool,
}

impl PersonRow {
    fn new(layout: &Layout, scope: &Scope, entry: Listed) -> Self {
        Self {
            is_self: entry.user_id.as_ref() == Some(&scope.person().user_id),
            can_manage: scope.may(Permission::ManagePeople) && scope.may_give(entry.role),
            since: layout.when(entry.since),
            expires: entry.expires.map(|moment| layout.when(moment)),
            last_active: entry.last_active.map(|day| relative_day(day, layout.now().day())),
            undelivered: entry.undelivered,
            initials: Initials::of(if entry.name.is_empty() { &entry.email } else { &entry.name }),
            id: entry.id,
            name: entry.name,
            email: entry.email,
            role: entry.role,
            status: entry.status,
        }
    }

    /// What it is called by: somebody invited has no name yet.
    pub fn called(&self) -> &str {
        if self.name.is_empty() { &self.email } else { &self.name }
    }
}

/// The list narrowed to a status, and how many those are where that is known.
struct Tab {
    label: String,
    href: String,
    count: Option<usize>,
    is_current: bool,
}

/// The heading of a column by which the list can be ordered.
struct SortLink {
    label: &'static str,
    key: &'static str,
    href: String,
    /// `ascending` or `descending`; empty where the list is not in this order.
    direction: &'static str,
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct PeoplePage {
    layout: Layout,
    slug: String,
    /// The part of the address that leads back here.
    place: String,
    filter: PeopleFilter,
    tabs: Vec<Tab>,
    sorts: Vec<SortLink>,
    rows: Vec<PersonRow>,
    /// How many stand before the first row.
    skipped: usize,
    /// How many match in all, where that is known.
    total: Option<usize>,
    /// Whether those are more than can be changed at once.
    is_too_many: bool,
    previous: Option<String>,
    next: Option<String>,
    roles: &'static [Role],
    givable: Vec<Role>,
    can_manage: bool,
    export_url: String,
    /// That some people lack the two-factor authentication that is required, if any do.
    lacking: Option<String>,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<PeopleFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    context
        .show(move |connection, layout| {
            let (after, before) = filter.cursors();
            let place = Place::of(after.as_ref().map(Cursor::key), before.as_ref().map(Cursor::key));
            let found = listing::read(connection, &filter.range(&scope, place, PAGE + 1, layout.now()))?;
            let counts = counts::read(connection, scope.organization_id(), layout.now())?;
            let lacking = without_two_factor::waiting(connection, &scope)?;
            let part = Part::new(found, &place, PAGE);
            Ok(PeoplePage { lacking, ..page(layout, &scope, filter, part, &counts) })
        })
        .await
}

fn page(layout: Layout, scope: &Scope, filter: PeopleFilter, part: Part<Listed>, counts: &Counts) -> PeoplePage {
    let shown = part.rows.len();
    // The address may say anything: no more stand before this page than there are others.
    let skipped = if part.has_previous { filter.skipped().min(counts.all().saturating_sub(shown)) } else { 0 };
    let href = |filter: PeopleFilter| filter.list(scope);
    let first = part.rows.first().filter(|_| part.has_previous).map(|entry| Cursor::after(&entry.key));
    let last = part.rows.last().filter(|_| part.has_next).map(|entry| Cursor::after(&entry.key));
    let previous = match first {
        Some(first) if skipped > PAGE => Some(href(filter.preceding(&first, skipped - PAGE))),
        // The page before is the first, however many are gone or new meanwhile.
        _ if part.has_previous => Some(href(filter.beginning())),
        _ => None,
    };
    let total = if filter.search.is_empty() {
        Some(known(counts, filter.role(), filter.status()))
    } else {
        (!part.has_previous && !part.has_next).then_some(shown)
    };
    PeoplePage {
        slug: scope.slug().to_owned(),
        place: filter.query(),
        tabs: tabs(scope, &filter, counts),
        sorts: sorts(scope, &filter),
        rows: part.rows.into_iter().map(|entry| PersonRow::new(&layout, scope, entry)).collect(),
        skipped,
        total,
        is_too_many: total.is_some_and(|total| total > MOST),
        previous,
        next: last.map(|last| href(filter.following(&last, skipped + shown))),
        roles: Role::ALL,
        givable: scope.membership.role.givable(),
        can_manage: scope.may(Permission::ManagePeople),
        lacking: None,
        export_url: format!("{}{}", scope.path("/people/export.csv"), filter.beginning().query()),
        filter,
        layout: layout.at(Section::People),
    }
}

fn tabs(scope: &Scope, filter: &PeopleFilter, counts: &Counts) -> Vec<Tab> {
    let statuses = [None, Some(Status::Active), Some(Status::Pending), Some(Status::Expired)];
    let tab = |status: Option<Status>| Tab {
        label: status.map_or_else(|| "All".to_owned(), Status::label),
        href: filter.with_status(status.map_or("", Status::key)).list(scope),
        // How many a search finds is not known without looking at all of them.
        count: filter.search.is_empty().then(|| known(counts, filter.role(), status)),
        is_current: filter.status() == status,
    };
    statuses.into_iter().map(tab).collect()
}

/// How many have this role and this status, or any.
fn known(counts: &Counts, role: Option<Role>, status: Option<Status>) -> usize {
    let of = |people: &PerRole| role.map_or_else(|| people.total(), |role| people.of(role));
    match status {
        None => of(&counts.active) + of(&counts.suspended) + of(&counts.invited),
        Some(Status::Active) => of(&counts.active),
        Some(Status::Suspended) => of(&counts.suspended),
        Some(Status::Pending) => of(&counts.invited).saturating_sub(of(&counts.expired)),
        Some(Status::Expired) => of(&counts.expired),
    }
}

fn sorts(scope: &Scope, filter: &PeopleFilter) -> Vec<SortLink> {
    let all = [(Sort::Name, "Name"), (Sort::Role, "Role"), (Sort::Joined, "Joined"), (Sort::LastActive, "Last active")];
    let link = |(sort, label): (Sort, &'static str)| SortLink {
        label,
        key: sort.into(),
        href: filter.sorted_by(sort).list(scope),
        direction: match (filter.sort() == sort, filter.is_descending()) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        },
    };
    all.into_iter().map(link).collect()
}
