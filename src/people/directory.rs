//! The directory: the list of people in each of its orders, and finding them by the beginning of any word of their name or address,
//! at the same cost in an Organization of ten and of a hundred thousand.
//!
//! Each person and each open invitation has a few terms ([`terms`]). The list is one range of an index, a search is another. Every
//! change of who is there passes here, and is counted with it ([`counts`]).

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::access::{Role, lock_organizations_of};
use crate::db::{Connection, Db, DbError, TxContext, WriteTx};
use crate::ids::{InvitationId, MembershipId, OrganizationId, UserId};
use crate::names::full_name;
use crate::people::counts::{self, Counted};
use crate::people::terms::{self, Facts, Sort, Span, Standing};
use crate::people::two_factor;
use crate::schema::{invitations, memberships, people_terms, users};
use crate::time::Timestamp;

/// What an entry of the directory is, by the key that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Member,
    Invitation,
}

/// An entry of the directory.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    Member(&'a MembershipId),
    Invitation(&'a InvitationId),
}

impl<'a> Entry<'a> {
    fn kind(self) -> Kind {
        match self {
            Self::Member(_) => Kind::Member,
            Self::Invitation(_) => Kind::Invitation,
        }
    }

    fn id(self) -> &'a str {
        match self {
            Self::Member(id) => id.as_str(),
            Self::Invitation(id) => id.as_str(),
        }
    }
}

/// Makes a member or an invitation findable, and counts them as what they are.
pub(super) fn add(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    entry: Entry<'_>,
    counted: Counted,
    facts: &Facts<'_>,
) -> Result<(), DbError> {
    index(tx, organization, entry, facts)?;
    counts::add(tx, organization, counted, facts.role, 1)
}

/// Inserts all terms in one statement: there are many, and everybody who is invited waits for them.
fn index(tx: &mut WriteTx, organization: &OrganizationId, entry: Entry<'_>, facts: &Facts<'_>) -> Result<(), DbError> {
    let terms = terms::all(facts, entry.id());
    // SQLite numbers parameters as they appear.
    let mut rows = vec!["($1, $2, $3, $4, $5)".to_owned()];
    rows.extend((6..).take(terms.len() - 1).map(|number| format!("($1, $2, ${number}, $4, $5)")));
    let insert =
        format!("INSERT INTO people_terms (organization_id, kind, term, entry_id, role) VALUES {}", rows.join(", "));
    let mut terms = terms.into_iter();
    let mut insert = diesel::sql_query(insert)
        .into_boxed::<<Connection as diesel::Connection>::Backend>()
        .bind::<Text, _>(organization.as_str())
        .bind::<Text, _>(<&str>::from(entry.kind()))
        .bind::<Text, _>(terms.next().unwrap_or_default())
        .bind::<Text, _>(entry.id())
        .bind::<Text, _>(facts.role);
    for term in terms {
        insert = insert.bind::<Text, _>(term);
    }
    insert.execute(tx.connection)?;
    Ok(())
}

/// What is stored of an entry.
#[derive(Queryable)]
struct Stored {
    organization_id: OrganizationId,
    kind: String,
    role: Role,
    term: String,
}

fn stored(tx: &mut WriteTx, entry: &str) -> Result<Option<Stored>, DbError> {
    let Span { from, to } = Span::of_order(Sort::Name);
    Ok(people_terms::table
        .filter(people_terms::entry_id.eq(entry))
        .filter(people_terms::term.ge(from))
        .filter(people_terms::term.lt(to))
        .select((people_terms::organization_id, people_terms::kind, people_terms::role, people_terms::term))
        .first(tx.connection)
        .optional()?)
}

/// As what an entry is counted.
fn counted(tx: &mut WriteTx, entry: &str, stored: &Stored) -> Result<Counted, DbError> {
    if stored.kind == <&str>::from(Kind::Invitation) {
        return Ok(Counted::Invited);
    }
    let is_suspended: bool = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq(entry))
        .select(users::suspended_at.is_not_null())
        .first(tx.connection)?;
    Ok(if is_suspended { Counted::Suspended } else { Counted::Active })
}

/// Takes an entry out, while its row is still there.
pub fn remove(tx: &mut WriteTx, entry: &str) -> Result<(), DbError> {
    let Some(stored) = stored(tx, entry)? else { return Ok(()) };
    let counted = counted(tx, entry, &stored)?;
    counts::add(tx, &stored.organization_id, counted, stored.role, -1)?;
    unindex(tx, entry)
}

fn unindex(tx: &mut WriteTx, entry: &str) -> Result<(), DbError> {
    diesel::delete(people_terms::table.filter(people_terms::entry_id.eq(entry))).execute(tx.connection)?;
    Ok(())
}

pub fn set_role(tx: &mut WriteTx, entry: &str, role: Role) -> Result<(), DbError> {
    let Some(stored) = stored(tx, entry)?.filter(|stored| stored.role != role) else { return Ok(()) };
    let counted = counted(tx, entry, &stored)?;
    counts::add(tx, &stored.organization_id, counted, stored.role, -1)?;
    counts::add(tx, &stored.organization_id, counted, role, 1)?;
    diesel::update(people_terms::table.filter(people_terms::entry_id.eq(entry)))
        .set(people_terms::role.eq(role))
        .execute(tx.connection)?;
    replace(tx, entry, Sort::Role, Standing::of_term(&stored.term).by_role(role))
}

/// Notes when an invitation was sent last.
pub fn set_since(tx: &mut WriteTx, entry: &str, since: Timestamp) -> Result<(), DbError> {
    let Some(stored) = stored(tx, entry)? else { return Ok(()) };
    replace(tx, entry, Sort::Joined, Standing::of_term(&stored.term).by_since(since))
}

/// Notes the day on which a member opened the Organization.
pub fn set_last_active(tx: &mut WriteTx, entry: &str, day: NaiveDate) -> Result<(), DbError> {
    let Some(stored) = stored(tx, entry)? else { return Ok(()) };
    replace(tx, entry, Sort::LastActive, Standing::of_term(&stored.term).by_last_active(Some(day)))
}

/// Makes a person findable by another name or address, in each of their Organizations. The caller holds the lock on the account, so they
/// join none meanwhile, and has stored the change.
pub fn set_holder(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    // Each of them locked, so that no role changes, and each row, so that nobody notes when it was here last.
    lock_organizations_of(tx, user)?;
    let theirs = memberships::table.filter(memberships::user_id.eq(user));
    let ids: Vec<MembershipId> = theirs.order(memberships::id).select(memberships::id).load(tx.connection)?;
    for id in &ids {
        tx.lock_row("memberships", id.as_str())?;
    }
    let theirs = memberships::table.inner_join(users::table).filter(memberships::user_id.eq(user));
    let rows: Vec<MemberRow> = theirs.select(MemberRow::as_select()).load(tx.connection)?;
    rows.iter().try_for_each(|row| index_anew(tx, row))
}

/// Moves an entry to another place of an order.
fn replace(tx: &mut WriteTx, entry: &str, sort: Sort, term: String) -> Result<(), DbError> {
    let Span { from, to } = Span::of_order(sort);
    diesel::update(people_terms::table.filter(people_terms::entry_id.eq(entry)))
        .filter(people_terms::term.ge(from))
        .filter(people_terms::term.lt(to))
        .set(people_terms::term.eq(term))
        .execute(tx.connection)?;
    Ok(())
}

/// How many are added in one transaction.
const BATCH: i64 = 500;

/// Adds the terms of everybody who lacks some, and puts right the counts and who has two-factor authentication: at the start of the
/// program, after a migration that changes what terms are, and after an older version that knew less of them.
pub fn complete(db: &Db, context: &TxContext) -> Result<(), DbError> {
    let mut after = String::new();
    while let Some(last) = db.write(context, |tx| complete_members(tx, &after))? {
        after = last;
    }
    after.clear();
    while let Some(last) = db.write(context, |tx| complete_invitations(tx, &after))? {
        after = last;
    }
    counts::correct(db, context)?;
    two_factor::correct(db, context)
}

/// Two processes that start at once add one after the other.
const COMPLETING: &str = "directory completion";

/// Whether the latest kind of term is there of the entry with this id.
macro_rules! is_complete {
    ($id:expr) => {{
        let Span { from, to } = Span::of_order(Sort::LastActive);
        let terms = people_terms::table.filter(people_terms::entry_id.eq($id));
        exists(terms.filter(people_terms::term.ge(from)).filter(people_terms::term.lt(to)))
    }};
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = memberships)]
struct MemberRow {
    id: MembershipId,
    organization_id: OrganizationId,
    role: Role,
    created_at: Timestamp,
    last_active_on: Option<NaiveDate>,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::email)]
    email: String,
}

/// One batch of members after an id. Answers the id of the last one.
fn complete_members(tx: &mut WriteTx, after: &str) -> Result<Option<String>, DbError> {
    tx.lock_name(COMPLETING)?;
    let rows: Vec<MemberRow> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.gt(after))
        .filter(not(is_complete!(memberships::id)))
        .order(memberships::id)
        .limit(BATCH)
        .select(MemberRow::as_select())
        .load(tx.connection)?;
    rows.iter().try_for_each(|row| index_anew(tx, row))?;
    Ok(rows.last().map(|row| row.id.to_string()))
}

fn index_anew(tx: &mut WriteTx, row: &MemberRow) -> Result<(), DbError> {
    let name = full_name(&row.first_name, &row.last_name);
    let (role, since, last_active) = (row.role, row.created_at, row.last_active_on);
    let facts = Facts { name: &name, email: &row.email, role, since, last_active };
    unindex(tx, row.id.as_str())?;
    index(tx, &row.organization_id, Entry::Member(&row.id), &facts)
}

/// The same for open invitations.
fn complete_invitations(tx: &mut WriteTx, after: &str) -> Result<Option<String>, DbError> {
    tx.lock_name(COMPLETING)?;
    let rows: Vec<(InvitationId, OrganizationId, Role, String, Timestamp)> = invitations::table
        .filter(invitations::id.gt(after))
        .filter(invitations::closed_at.is_null())
        .filter(not(is_complete!(invitations::id)))
        .order(invitations::id)
        .limit(BATCH)
        .select((
            invitations::id,
            invitations::organization_id,
            invitations::role,
            invitations::email,
            invitations::sent_at,
        ))
        .load(tx.connection)?;
    for (id, organization, role, email, sent_at) in &rows {
        unindex(tx, id.as_str())?;
        index(tx, organization, Entry::Invitation(id), &Facts::of_invitation(email, *role, *sent_at))?;
    }
    Ok(rows.last().map(|(id, ..)| id.to_string()))
}
