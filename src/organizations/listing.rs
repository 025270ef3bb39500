//! The Organizations of a user, a page at a time.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::{Membership, joined_organizations};
use crate::db::{Connection, DbError};
use crate::ids::{OrganizationId, OwnershipOfferId, UserId};
use crate::licences::attention::is_urgent;
use crate::names::fold;
use crate::organizations::organization::Kind;
use crate::people::ownership::open::offered;
use crate::schema::{memberships, organizations};
use crate::time::Timestamp;

/// How many Organizations a page of Home shows.
pub const PAGE: usize = 50;

/// How many Organizations are named that ask for two-factor authentication.
pub const NAMED: usize = 10;

/// One of a user's Organizations.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    pub membership: Membership,
    pub kind: Kind,
    /// Whether a licence is in its grace period, or ends within a week.
    pub has_urgent_licence: bool,
    /// An Owner's offer to them to become Owner instead.
    pub offer: Option<OwnershipOfferId>,
}

/// A page of a user's Organizations after `after`, in the order of their ids, and one more if there are further ones: those whose
/// names hold every word of `search`, in whatever script it was typed.
///
/// One statement in each case. A search reads all memberships of the user, in their index, and compares the names here: they are not
/// stored as they are compared, and a thousand of them are compared in a few milliseconds.
pub fn of_user(
    connection: &mut Connection,
    user: &UserId,
    search: &str,
    after: Option<&OrganizationId>,
    (now, grace): (Timestamp, Duration),
) -> Result<Vec<Listed>, DbError> {
    let mut query = joined_organizations()
        .filter(memberships::user_id.eq(user))
        .order(memberships::organization_id)
        .select((Membership::as_select(), organizations::kind, is_urgent(now, grace), offered(now)))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(memberships::organization_id.gt(after));
    }
    let words = fold(search);
    if words.is_empty() {
        return Ok(query.limit(PAGE as i64 + 1).load(connection)?);
    }
    let mut found: Vec<Listed> = query.load(connection)?;
    found.retain(|one| {
        let name = fold(&one.membership.name);
        words.split(' ').all(|word| name.contains(word))
    });
    found.truncate(PAGE + 1);
    Ok(found)
}

/// The names of those Organizations of a user that nobody enters without two-factor authentication, and one more than are named if
/// there are further ones. One statement.
pub fn requiring_two_factor(connection: &mut Connection, user: &UserId) -> Result<Vec<String>, DbError> {
    let query = joined_organizations()
        .filter(memberships::user_id.eq(user))
        .filter(organizations::requires_two_factor.eq(true))
        .order(memberships::organization_id)
        .limit(NAMED as i64 + 1);
    Ok(query.select(organizations::name).load(connection)?)
}
