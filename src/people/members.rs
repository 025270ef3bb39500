//! Members: the rows, and joining.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError, WriteTx, is_unique};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::names::{fold, full_name};
use crate::people::counts::Counted;
use crate::people::directory::{self, Entry};
use crate::people::removals;
use crate::people::terms::Facts;
use crate::schema::{memberships, users};
use crate::time::Timestamp;

/// Somebody in an Organization.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub struct Member {
    pub id: MembershipId,
    pub user_id: UserId,
    pub role: Role,
    #[diesel(select_expression = users::first_name)]
    pub first_name: String,
    #[diesel(select_expression = users::last_name)]
    pub last_name: String,
    #[diesel(select_expression = users::email)]
    pub email: String,
    /// Empty for the creator.
    pub inviter_name: String,
    #[diesel(column_name = created_at)]
    pub joined_at: Timestamp,
    /// The last day on which they opened the Organization.
    pub last_active_on: Option<NaiveDate>,
    /// When they did last, to within some minutes.
    pub last_opened_at: Option<Timestamp>,
    #[diesel(select_expression = users::suspended_at)]
    pub suspended_at: Option<Timestamp>,
}

impl Member {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// A member of this Organization. An id of another Organization finds nothing.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &MembershipId,
) -> Result<Option<Member>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq(id))
        .filter(memberships::organization_id.eq(organization))
        .select(Member::as_select())
        .first(connection)
        .optional()?)
}

/// Those of `ids` who are members of this Organization, by name. One statement.
pub fn find_all(
    connection: &mut Connection,
    organization: &OrganizationId,
    ids: &[MembershipId],
) -> Result<Vec<Member>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut members: Vec<Member> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq_any(ids))
        .filter(memberships::organization_id.eq(organization))
        .select(Member::as_select())
        .load(connection)?;
    members.sort_by_cached_key(|member| fold(&member.name()));
    Ok(members)
}

/// What a user is called, if they are one of the people.
pub fn name_of(
    connection: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<String>, DbError> {
    let name: Option<(String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .select((users::first_name, users::last_name))
        .first(connection)
        .optional()?;
    Ok(name.map(|(first, last)| full_name(&first, &last)))
}

/// The role of a user in an Organization, if they are one of its people.
pub fn role_of(
    connection: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Role>, DbError> {
    Ok(memberships::table
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .select(memberships::role)
        .first(connection)
        .optional()?)
}

/// The same of somebody who acts there: who is suspended can give nobody anything.
pub fn active_role_of(
    connection: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
) -> Result<Option<Role>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .filter(users::suspended_at.is_null())
        .select(memberships::role)
        .first(connection)
        .optional()?)
}

/// Those of these users who are members of this Organization. One statement.
pub fn of_users(
    connection: &mut Connection,
    organization: &OrganizationId,
    wanted: &[&UserId],
) -> Result<Vec<Member>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq_any(wanted))
        .select(Member::as_select())
        .load(connection)?)
}

/// The member with this address.
pub fn of_email(
    connection: &mut Connection,
    organization: &OrganizationId,
    email: &str,
) -> Result<Option<Member>, DbError> {
    Ok(memberships::table
        .inner_join(users::table)
        .filter(users::email.eq(email))
        .filter(memberships::organization_id.eq(organization))
        .select(Member::as_select())
        .first(connection)
        .optional()?)
}

/// Whether somebody with this address is one of the people.
pub fn has_email(connection: &mut Connection, organization: &OrganizationId, email: &str) -> Result<bool, DbError> {
    Ok(of_email(connection, organization, email)?.is_some())
}

/// How many members there are, counted up to `most`.
pub fn count(connection: &mut Connection, organization: &OrganizationId, most: i64) -> Result<usize, DbError> {
    let found: Vec<Role> = memberships::table
        .filter(memberships::organization_id.eq(organization))
        .limit(most)
        .select(memberships::role)
        .load(connection)?;
    Ok(found.len())
}

/// A membership to be stored.
#[derive(Insertable)]
#[diesel(table_name = memberships, treat_none_as_default_value = false)]
pub(super) struct NewMember<'a> {
    pub id: &'a MembershipId,
    pub organization_id: &'a OrganizationId,
    pub user_id: &'a UserId,
    pub role: Role,
    pub inviter_name: &'a str,
    #[diesel(column_name = created_at)]
    pub joined_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_active_on: Option<NaiveDate>,
    pub last_opened_at: Option<Timestamp>,
}

/// Makes a user a member of an Organization. Answers false, and changes nothing, where they are one already.
pub fn join(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    inviter_name: &str,
) -> Result<bool, DbError> {
    let (id, now) = (MembershipId::new(tx.now), tx.now);
    let new = NewMember {
        id: &id,
        organization_id: organization,
        user_id: user,
        role,
        inviter_name,
        joined_at: now,
        updated_at: now,
        last_active_on: None,
        last_opened_at: None,
    };
    store(tx, new)
}

/// Stores a membership, makes its holder findable, and forgets that they were removed before, if they were. Answers false, and
/// changes nothing, where they are a member already. The caller holds the locks on the account, so that nobody suspends it or changes
/// its second step meanwhile, and on the Organization.
pub(super) fn store(tx: &mut WriteTx, new: NewMember<'_>) -> Result<bool, DbError> {
    let (first_name, last_name, email, is_suspended, has_two_factor): (String, String, String, bool, bool) =
        users::table
            .filter(users::id.eq(new.user_id))
            .select((
                users::first_name,
                users::last_name,
                users::email,
                users::suspended_at.is_not_null(),
                users::two_factor_at.is_not_null(),
            ))
            .first(tx.connection)?;
    let (id, organization, user, role) = (new.id, new.organization_id, new.user_id, new.role);
    let (since, last_active) = (new.joined_at, new.last_active_on);
    let row = (new, memberships::has_two_factor.eq(has_two_factor));
    let inserted = tx.savepoint(|connection| diesel::insert_into(memberships::table).values(row).execute(connection));
    match inserted {
        Ok(_) => {
            let name = full_name(&first_name, &last_name);
            let facts = Facts { name: &name, email: &email, role, since, last_active };
            let counted = if is_suspended { Counted::Suspended } else { Counted::Active };
            directory::add(tx, organization, Entry::Member(id), counted, &facts)?;
            removals::forget_member(tx, organization, user)?;
            Ok(true)
        }
        Err(error) if is_unique(&error, "memberships_user", "memberships.user_id") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Notes that a member has opened the Organization now, unless another request has just noted it.
pub fn touch(tx: &mut WriteTx, member: &MembershipId) -> Result<(), DbError> {
    let (now, today) = (tx.now, tx.now.day());
    let is_earlier = memberships::last_active_on.is_null().or(memberships::last_active_on.lt(today));
    let noted = diesel::update(memberships::table.filter(memberships::id.eq(member)))
        .filter(is_earlier)
        .set((memberships::last_active_on.eq(today), memberships::last_opened_at.eq(now)))
        .execute(tx.connection)?;
    if noted > 0 {
        return directory::set_last_active(tx, member.as_str(), today);
    }
    // Again today: their place in the list of people stays.
    diesel::update(memberships::table.filter(memberships::id.eq(member)))
        .filter(memberships::last_opened_at.is_null().or(memberships::last_opened_at.lt(now)))
        .set(memberships::last_opened_at.eq(now))
        .execute(tx.connection)?;
    Ok(())
}
