//! An Organization as one of its people sees it, and the one place that says which Organizations can be seen at all.

use chrono::{Duration, NaiveDate};
use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::access::{Permission, Policies, Role};
use crate::db::{Connection, DbError, on_either};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::schema::{invitations, memberships, organizations, users};
use crate::time::Timestamp;

/// Organizations with their people. Every query that leads from a person to an Organization begins here, so that what hides an
/// Organization hides it everywhere: one that was closed does not exist for anybody.
#[auto_type(no_type_alias)]
pub fn joined_organizations() -> _ {
    memberships::table.inner_join(organizations::table).filter(organizations::closed_at.is_null())
}

/// Open invitations with what they offer and who offers it: the same for people who are not in the Organization yet.
#[auto_type(no_type_alias)]
pub fn offered_organizations() -> _ {
    invitations::table
        .inner_join(organizations::table)
        .inner_join(users::table)
        .filter(invitations::closed_at.is_null())
        .filter(organizations::closed_at.is_null())
}

/// Whether an Organization is open. For what happens without a person: the caller holds the lock on it.
pub fn is_open(connection: &mut Connection, organization: &OrganizationId) -> Result<bool, DbError> {
    let open =
        organizations::table.filter(organizations::id.eq(organization)).filter(organizations::closed_at.is_null());
    let found: Option<OrganizationId> = open.select(organizations::id).first(connection).optional()?;
    Ok(found.is_some())
}

/// How exact "last opened" is: finer would mean a write for every page.
pub const OPENED_STEP: Duration = Duration::minutes(10);

// Left to themselves, the two databases put what was never opened at different ends. An operator, not a piece of SQL: a statement
// with one is prepared anew for every page.
diesel::postfix_operator!(MostRecentFirst, " DESC NULLS LAST", diesel::sql_types::Bool);

/// A user in an Organization.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub struct Membership {
    pub id: MembershipId,
    pub role: Role,
    pub organization_id: OrganizationId,
    /// The day on which they last opened the Organization.
    pub last_active_on: Option<NaiveDate>,
    /// The moment, to within ten minutes.
    pub last_opened_at: Option<Timestamp>,
    #[diesel(select_expression = organizations::slug)]
    pub slug: String,
    #[diesel(select_expression = organizations::name)]
    pub name: String,
    #[diesel(select_expression = organizations::logo_hash)]
    pub logo_hash: String,
    #[diesel(embed)]
    pub policies: Policies,
}

impl Membership {
    /// The membership that `user` has in the Organization called `slug`. An Organization without it does not exist for them.
    pub fn find(connection: &mut Connection, user: &UserId, slug: &str) -> Result<Option<Self>, DbError> {
        // No slug has one, and PostgreSQL does not even compare text that does.
        if slug.contains('\0') {
            return Ok(None);
        }
        let query = joined_organizations().filter(organizations::slug.eq(slug)).filter(memberships::user_id.eq(user));
        Ok(on_either!(connection, |connection| query.select(Self::as_select()).first(connection).optional())?)
    }

    pub fn may(&self, permission: Permission) -> bool {
        permission.is_met_by(self.role, self.policies)
    }

    /// Whether what is noted about their last visit is behind one at `now`.
    pub fn is_seen_anew(&self, now: Timestamp) -> bool {
        self.last_active_on < Some(now.day()) || self.last_opened_at.is_none_or(|opened| now - opened >= OPENED_STEP)
    }

    /// The memberships of `user`, at most `limit` of them: the Organization that they opened last comes first, and those that they
    /// never opened come after the others, in the order of their ids.
    pub fn of_user(connection: &mut Connection, user: &UserId, limit: i64) -> Result<Vec<Self>, DbError> {
        let query = joined_organizations()
            .filter(memberships::user_id.eq(user))
            .order((MostRecentFirst::new(memberships::last_opened_at), memberships::organization_id))
            .limit(limit);
        Ok(on_either!(connection, |connection| query.select(Self::as_select()).load(connection))?)
    }
}
