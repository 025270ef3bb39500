//! The Organizations of a user, a page at a time.

use diesel::prelude::*;

use crate::access::{Membership, joined_organizations};
use crate::db::{Connection, DbError};
use crate::ids::{OrganizationId, UserId};
use crate::organizations::organization::Kind;
use crate::schema::{memberships, organizations};

/// How many Organizations a page of Home shows.
pub const PAGE: usize = 50;

/// One of a user's Organizations.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub struct Listed {
    #[diesel(embed)]
    pub membership: Membership,
    #[diesel(select_expression = organizations::kind)]
    pub kind: Kind,
}

/// A page of a user's Organizations after `after`, in the order of their ids, and one more if there are further ones.
pub fn of_user(
    connection: &mut Connection,
    user: &UserId,
    after: Option<&OrganizationId>,
) -> Result<Vec<Listed>, DbError> {
    let mut query = joined_organizations()
        .filter(memberships::user_id.eq(user))
        .order(memberships::organization_id)
        .limit(PAGE as i64 + 1)
        .select(Listed::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(memberships::organization_id.gt(after));
    }
    Ok(query.load(connection)?)
}
