//! The list of people: members and open invitations, narrowed and a page at a time.
//!
//! Two ranges of the directory, one of members and one of invitations, are read from the same key on and merged: a page costs the
//! same wherever it is, whatever it is ordered by and however many people there are. What a search finds is ordered by the words
//! that were found: to order all of it otherwise, all of it would have to be read.
//!
//! Rows of a range are passed over one by one in three cases. Of several words the longest is the range, and who lacks one of the
//! others is passed over: many only where the longest word is what everybody has. Among active members those are whose accounts an
//! operator suspended, one by one. Among invitations those of the other status are, of which there are at most
//! [`MOST_OPEN`](crate::people::invitations::MOST_OPEN).

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError, on_either};
use crate::ids::{InvitationId, MembershipId, OrganizationId, UserId};
use crate::mail::Undeliverable;
use crate::names::full_name;
use crate::paging;
use crate::people::directory::Kind;
use crate::people::terms::{self, Span};
use crate::schema::{invitations, memberships, outbox, people_terms, users};
use crate::time::Timestamp;

pub use crate::people::terms::Sort;

/// What somebody in the list is, by the key that addresses carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    Active,
    /// A member whose account is suspended. They are few among many, so the list cannot be narrowed to them.
    Suspended,
    Pending,
    Expired,
}

impl Status {
    /// The variants are named as pages name them.
    pub fn label(self) -> String {
        format!("{self:?}")
    }

    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// A member or an open invitation.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What the list is ordered by, and where the next page starts.
    pub key: String,
    pub id: String,
    /// Empty for an invitation.
    pub name: String,
    pub email: String,
    pub role: Role,
    pub status: Status,
    pub since: Timestamp,
    pub expires: Option<Timestamp>,
    /// Why the mail of an invitation did not arrive, where it did not.
    pub undelivered: Option<Undeliverable>,
    pub user_id: Option<UserId>,
    /// The day on which a member last opened this Organization.
    pub last_active: Option<NaiveDate>,
}

/// Where a page begins, or ends: behind or before the entry with this key.
pub type Place<'a> = paging::Place<&'a str>;

/// What is read of the list: which Organization, what of it, from where on, how many.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    /// Words, each the beginning of some word of the name or part of the address. Empty for everybody.
    pub search: &'a str,
    pub role: Option<Role>,
    pub status: Option<Status>,
    /// What is searched has an order of its own.
    pub sort: Sort,
    pub descending: bool,
    pub from: Place<'a>,
    pub limit: usize,
    pub now: Timestamp,
}

impl Range<'_> {
    /// Whether nobody is left out.
    fn is_everybody(&self) -> bool {
        self.search.is_empty() && self.role.is_none() && self.status.is_none()
    }
}

/// How the index is read for a range.
struct Reading {
    /// The terms that are read, and from which to which of them.
    span: Span,
    lower: String,
    upper: String,
    is_backwards: bool,
    /// Whether one person may be found by several terms of `span`.
    is_search: bool,
    /// What the other words that were typed begin.
    others: Vec<Span>,
}

impl Reading {
    fn of(range: &Range<'_>) -> Self {
        let mut words = terms::searched(range.search);
        let is_search = !words.is_empty();
        let span = if is_search { words.remove(0) } else { Span::of_order(range.sort) };
        let is_descending = range.descending && !is_search;
        // One lower bound and one upper, not two: SQLite uses only one of them to find where to start. No term is as short as the
        // beginning of a span, so whether that is included itself is the same.
        let (mut lower, mut upper, mut is_backwards) = (span.from.clone(), span.to.clone(), is_descending);
        match range.from {
            Place::After(key) if span.contains(key) => {
                *(if is_descending { &mut upper } else { &mut lower }) = key.to_owned();
            }
            Place::Before(key) if span.contains(key) => {
                *(if is_descending { &mut lower } else { &mut upper }) = key.to_owned();
                is_backwards = !is_descending;
            }
            _ => {}
        }
        Self { span, lower, upper, is_backwards, is_search, others: words }
    }
}

/// Up to `limit` members and invitations in order. At most two statements.
pub fn read(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Listed>, DbError> {
    let reading = Reading::of(range);
    let mut found = Vec::new();
    if matches!(range.status, None | Some(Status::Active)) {
        found.extend(members(connection, range, &reading)?);
    }
    if range.status != Some(Status::Active) {
        found.extend(open_invitations(connection, range, &reading)?);
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    if reading.is_backwards {
        found.reverse();
    }
    found.truncate(range.limit);
    // Those just before a place were read from there on backwards.
    if matches!(range.from, Place::Before(_)) && reading.is_backwards != (range.descending && !reading.is_search) {
        found.reverse();
    }
    Ok(found)
}

diesel::alias!(people_terms as other_terms: OtherTerms);

/// Loads as `$row` what a range holds of one kind: a query of terms and of what is joined to them, narrowed to the statuses that
/// `$status` leaves of it. A macro, since each query has a type of its own.
macro_rules! load {
    ($connection:expr, $row:ty, $query:expr, $kind:expr, $range:expr, $reading:expr, |$boxed:ident| $status:block) => {{
        let (range, reading): (&Range<'_>, &Reading) = ($range, $reading);
        let query = $query
            .filter(people_terms::organization_id.eq(range.organization))
            .filter(people_terms::kind.eq(<&str>::from($kind)))
            .filter(people_terms::term.gt(&reading.lower))
            .filter(people_terms::term.lt(&reading.upper))
            .limit(range.limit as i64);
        let (ascending, descending) = (people_terms::term.asc(), people_terms::term.desc());
        // Diesel finds a query that is not boxed by its type, prepared, without writing it out.
        match (range.is_everybody(), reading.is_backwards) {
            (true, false) => on_either!($connection, |connection| {
                query.order(ascending).select(<$row>::as_select()).load(connection)
            })?,
            (true, true) => on_either!($connection, |connection| {
                query.order(descending).select(<$row>::as_select()).load(connection)
            })?,
            (false, is_backwards) => {
                let query = query.select(<$row>::as_select()).into_boxed();
                let query = if is_backwards { query.order(descending) } else { query.order(ascending) };
                let mut $boxed = narrowed!(query, range, reading);
                $status
                $boxed.load($connection)?
            }
        }
    }};
}

/// A boxed query of terms, narrowed to the role and the words of a range.
macro_rules! narrowed {
    ($query:expr, $range:expr, $reading:expr) => {{
        let mut query = $query;
        if let Some(role) = $range.role {
            query = query.filter(people_terms::role.eq(role));
        }
        let theirs = || other_terms.filter(other_terms.field(people_terms::entry_id).eq(people_terms::entry_id));
        if $reading.is_search {
            // Who is found by several terms is listed at the first of them.
            query = query.filter(not(exists(
                theirs()
                    .filter(other_terms.field(people_terms::term).ge(&$reading.span.from))
                    .filter(other_terms.field(people_terms::term).lt(people_terms::term))
                    .select(other_terms.field(people_terms::term)),
            )));
        }
        for Span { from, to } in &$reading.others {
            query = query.filter(exists(
                theirs()
                    .filter(other_terms.field(people_terms::term).ge(from))
                    .filter(other_terms.field(people_terms::term).lt(to))
                    .select(other_terms.field(people_terms::term)),
            ));
        }
        query
    }};
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = memberships)]
struct MemberRow {
    #[diesel(select_expression = people_terms::term)]
    term: String,
    id: MembershipId,
    #[diesel(select_expression = users::id)]
    user_id: UserId,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::email)]
    email: String,
    role: Role,
    created_at: Timestamp,
    last_active_on: Option<NaiveDate>,
    #[diesel(select_expression = users::suspended_at)]
    suspended_at: Option<Timestamp>,
}

fn members(connection: &mut Connection, range: &Range<'_>, reading: &Reading) -> Result<Vec<Listed>, DbError> {
    let members = people_terms::table
        .inner_join(memberships::table.on(memberships::id.eq(people_terms::entry_id)))
        .inner_join(users::table.on(users::id.eq(memberships::user_id)));
    let rows: Vec<MemberRow> = load!(connection, MemberRow, members, Kind::Member, range, reading, |query| {
        // How many are passed over is kept in the counts. An index of who is not suspended would be written at every joining.
        if range.status == Some(Status::Active) {
            query = query.filter(users::suspended_at.is_null());
        }
    });
    let listed = |row: MemberRow| Listed {
        key: row.term,
        id: row.id.to_string(),
        name: full_name(&row.first_name, &row.last_name),
        email: row.email,
        role: row.role,
        status: if row.suspended_at.is_some() { Status::Suspended } else { Status::Active },
        since: row.created_at,
        expires: None,
        undelivered: None,
        user_id: Some(row.user_id),
        last_active: row.last_active_on,
    };
    Ok(rows.into_iter().map(listed).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct InvitationRow {
    #[diesel(select_expression = people_terms::term)]
    term: String,
    id: InvitationId,
    email: String,
    role: Role,
    sent_at: Timestamp,
    expires_at: Timestamp,
    #[diesel(select_expression = outbox::failed_as.nullable())]
    undelivered: Option<Undeliverable>,
}

fn open_invitations(connection: &mut Connection, range: &Range<'_>, reading: &Reading) -> Result<Vec<Listed>, DbError> {
    let invitations = people_terms::table
        .inner_join(invitations::table.on(invitations::id.eq(people_terms::entry_id)))
        .left_join(outbox::table.on(outbox::id.nullable().eq(invitations::mail_id)));
    // An Organization has a limited number of open invitations, so looking through them for a status is limited too.
    let rows: Vec<InvitationRow> =
        load!(connection, InvitationRow, invitations, Kind::Invitation, range, reading, |query| {
            match range.status {
                Some(Status::Pending) => query = query.filter(invitations::expires_at.gt(range.now)),
                Some(Status::Expired) => query = query.filter(invitations::expires_at.le(range.now)),
                _ => {}
            }
        });
    let listed = |row: InvitationRow| Listed {
        key: row.term,
        id: row.id.to_string(),
        name: String::new(),
        email: row.email,
        role: row.role,
        status: if row.expires_at > range.now { Status::Pending } else { Status::Expired },
        since: row.sent_at,
        expires: Some(row.expires_at),
        undelivered: row.undelivered,
        user_id: None,
        last_active: None,
    };
    Ok(rows.into_iter().map(listed).collect())
}
