//! An Organization as one of its people sees it, and the one place that says which Organizations can be seen at all.

use chrono::NaiveDate;
use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, DbError};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::schema::{invitations, memberships, organizations, users};

/// Organizations with their people. Every query that leads from a person to an Organization begins here, so that what hides an
/// Organization hides it everywhere.
#[auto_type(no_type_alias)]
pub fn joined_organizations() -> _ {
    memberships::table.inner_join(organizations::table)
}

/// Open invitations with what they offer and who offers it: the same for people who are not in the Organization yet.
#[auto_type(no_type_alias)]
pub fn offered_organizations() -> _ {
    invitations::table
        .inner_join(organizations::table)
        .inner_join(users::table)
        .filter(invitations::closed_at.is_null())
}

/// A user in an Organization.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub struct Membership {
    pub id: MembershipId,
    pub role: Role,
    pub organization_id: OrganizationId,
    /// The day on which they last opened the Organization.
    pub last_active_on: Option<NaiveDate>,
    #[diesel(select_expression = organizations::slug)]
    pub slug: String,
    #[diesel(select_expression = organizations::name)]
    pub name: String,
    #[diesel(select_expression = organizations::logo_hash)]
    pub logo_hash: String,
}

impl Membership {
    /// The membership that `user` has in the Organization called `slug`. An Organization without it does not exist for them.
    pub fn find(connection: &mut Connection, user: &UserId, slug: &str) -> Result<Option<Self>, DbError> {
        // No slug has one, and PostgreSQL does not even compare text that does.
        if slug.contains('\0') {
            return Ok(None);
        }
        let query = joined_organizations().filter(organizations::slug.eq(slug)).filter(memberships::user_id.eq(user));
        Ok(query.select(Self::as_select()).first(connection).optional()?)
    }

    /// The first memberships of `user`, at most `limit` of them, in the order of their Organizations' ids.
    pub fn of_user(connection: &mut Connection, user: &UserId, limit: i64) -> Result<Vec<Self>, DbError> {
        Ok(joined_organizations()
            .filter(memberships::user_id.eq(user))
            .order(memberships::organization_id)
            .limit(limit)
            .select(Self::as_select())
            .load(connection)?)
    }
}
