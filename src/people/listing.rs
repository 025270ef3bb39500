//! The list of people: members and open invitations, narrowed and a page at a time.
//!
//! Two ranges of the directory, one of members and one of invitations, are read from the same key on and merged: a page costs the
//! same wherever it is and however many people there are.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError};
use crate::ids::{InvitationId, MembershipId, OrganizationId, UserId};
use crate::mail::Undeliverable;
use crate::names::full_name;
use crate::people::directory::{self, Kind};
use crate::schema::{invitations, memberships, outbox, people_terms, users};
use crate::time::Timestamp;

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
}

/// What is read of the list: which Organization, what of it, from where on, how many.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    /// The beginning of a word of a name or an address. Empty for everybody.
    pub search: &'a str,
    pub role: Option<Role>,
    pub status: Option<Status>,
    /// The key of the last one before.
    pub after: Option<&'a str>,
    pub limit: usize,
    pub now: Timestamp,
}

/// Up to `limit` members and invitations in order. At most two statements.
pub fn read(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Listed>, DbError> {
    let mut found = Vec::new();
    if matches!(range.status, None | Some(Status::Active)) {
        found.extend(members(connection, range)?);
    }
    if range.status != Some(Status::Active) {
        found.extend(open_invitations(connection, range)?);
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    found.truncate(range.limit);
    Ok(found)
}

diesel::alias!(people_terms as earlier_terms: EarlierTerms);

/// Narrows a query of terms, and of what is joined to them, to a range of one kind. A macro, since each query has a type of its
/// own.
macro_rules! narrowed {
    ($query:expr, $kind:expr, $range:expr) => {{
        let range: &Range<'_> = $range;
        let (from, to) = directory::range(range.search);
        // No term is as short as `from`, so whether it is included itself is the same. One lower bound, not two: SQLite uses only
        // one of them to find where to start.
        let lower = range.after.filter(|after| *after > from.as_str()).unwrap_or(&from).to_owned();
        let mut query = $query
            .filter(people_terms::organization_id.eq(range.organization))
            .filter(people_terms::kind.eq(<&str>::from($kind)))
            .filter(people_terms::term.gt(lower))
            .filter(people_terms::term.lt(to))
            .order(people_terms::term)
            .limit(range.limit as i64)
            .into_boxed();
        if let Some(role) = range.role {
            query = query.filter(people_terms::role.eq(role));
        }
        if directory::is_search(&from) {
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
    #[diesel(select_expression = users::suspended_at)]
    suspended_at: Option<Timestamp>,
}

fn members(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Listed>, DbError> {
    let members = people_terms::table
        .inner_join(memberships::table.on(memberships::id.eq(people_terms::entry_id)))
        .inner_join(users::table.on(users::id.eq(memberships::user_id)))
        .select(MemberRow::as_select());
    let mut query = narrowed!(members, Kind::Member, range);
    if range.status == Some(Status::Active) {
        query = query.filter(users::suspended_at.is_null());
    }
    let rows: Vec<MemberRow> = query.load(connection)?;
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

fn open_invitations(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Listed>, DbError> {
    let invitations = people_terms::table
        .inner_join(invitations::table.on(invitations::id.eq(people_terms::entry_id)))
        .left_join(outbox::table.on(outbox::id.nullable().eq(invitations::mail_id)))
        .select(InvitationRow::as_select());
    let mut query = narrowed!(invitations, Kind::Invitation, range);
    // An Organization has a limited number of open invitations, so looking through them for a status is limited too.
    match range.status {
        Some(Status::Pending) => query = query.filter(invitations::expires_at.gt(range.now)),
        Some(Status::Expired) => query = query.filter(invitations::expires_at.le(range.now)),
        _ => {}
    }
    let rows: Vec<InvitationRow> = query.load(connection)?;
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
    };
    Ok(rows.into_iter().map(listed).collect())
}
