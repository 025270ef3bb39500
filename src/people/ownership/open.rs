//! Open offers: the rows.

use chrono::Duration;
use diesel::dsl::auto_type;
use diesel::prelude::*;
use serde_json::Value;

use crate::access::Role;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, OwnershipOfferId, UserId};
use crate::jobs::Purge;
use crate::names::full_name;
use crate::people::members::{self, Member};
use crate::schema::{memberships, organizations, ownership_offers as rows, users};
use crate::time::Timestamp;

/// How long an offer can be accepted.
pub const LIFETIME: Duration = Duration::days(7);

/// That nobody answered is told for a month.
pub const PURGE: Purge = Purge {
    kind: "ownership-offers.purge",
    table: "ownership_offers",
    key: "id",
    moment: "expires_at",
    kept: Duration::days(30),
};

/// An offer that nobody has answered or withdrawn.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = rows)]
pub struct Open {
    pub id: OwnershipOfferId,
    pub organization_id: OrganizationId,
    #[diesel(select_expression = organizations::name)]
    pub organization: String,
    #[diesel(select_expression = organizations::slug)]
    pub slug: String,
    pub offered_by: UserId,
    pub offered_to: UserId,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    /// The role that is left to who offers.
    pub role: Role,
    pub expires_at: Timestamp,
}

impl Open {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// What whoever is asked is called.
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// Offers in Organizations that are not closed, with whom they are made to.
#[auto_type(no_type_alias)]
fn open_offers() -> _ {
    rows::table.inner_join(organizations::table).inner_join(users::table).filter(organizations::closed_at.is_null())
}

/// The offer of an Organization, expired or not.
pub fn of_organization(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Open>, DbError> {
    let query = open_offers().filter(rows::organization_id.eq(organization));
    Ok(query.select(Open::as_select()).first(connection).optional()?)
}

/// The offer with this id to this person, expired or not.
pub fn find(connection: &mut Connection, id: &OwnershipOfferId, to: &UserId) -> Result<Option<Open>, DbError> {
    let query = open_offers().filter(rows::id.eq(id)).filter(rows::offered_to.eq(to));
    Ok(query.select(Open::as_select()).first(connection).optional()?)
}

/// The offer of the Organization of a membership to its holder: a column of a query about memberships.
#[auto_type(no_type_alias)]
pub fn offered(now: Timestamp) -> _ {
    rows::table
        .filter(rows::organization_id.eq(memberships::organization_id))
        .filter(rows::offered_to.eq(memberships::user_id))
        .filter(rows::expires_at.gt(now))
        .select(rows::id)
        .single_value()
}

/// Whose roles an offer would change.
#[derive(Clone, Debug)]
pub struct Sides {
    /// An Owner.
    pub from: Member,
    /// Somebody else.
    pub to: Member,
}

/// Both sides of an offer, if it can be accepted at this moment.
pub fn sides(connection: &mut Connection, offer: &Open, now: Timestamp) -> Result<Option<Sides>, DbError> {
    if offer.is_expired(now) {
        return Ok(None);
    }
    let found = members::of_users(connection, &offer.organization_id, &[&offer.offered_by, &offer.offered_to])?;
    let (mut from, mut to) = (None, None);
    for member in found.into_iter().filter(|member| member.suspended_at.is_none()) {
        match member.role {
            Role::Owner if member.user_id == offer.offered_by => from = Some(member),
            Role::Owner => {}
            _ if member.user_id == offer.offered_to => to = Some(member),
            _ => {}
        }
    }
    Ok(from.zip(to).map(|(from, to)| Sides { from, to }))
}

/// Stores an offer in place of whatever was there of the Organization. The caller holds the lock on it, and has looked that no offer
/// can be accepted. Answers under which id.
pub(super) fn store(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    from: &UserId,
    to: &UserId,
    role: Role,
) -> Result<OwnershipOfferId, DbError> {
    forget(tx, organization)?;
    let id = OwnershipOfferId::new(tx.now);
    let row = (
        rows::id.eq(&id),
        rows::organization_id.eq(organization),
        rows::offered_by.eq(from),
        rows::offered_to.eq(to),
        rows::role.eq(role),
        rows::offered_at.eq(tx.now),
        rows::expires_at.eq(tx.now + LIFETIME),
    );
    diesel::insert_into(rows::table).values(row).execute(tx.connection)?;
    Ok(id)
}

/// Removes what somebody offered and was offered, open or not. Whoever does it has ended open ones.
pub fn forget_all_of(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::delete(rows::table.filter(rows::offered_by.eq(user))).execute(tx.connection)?;
    diesel::delete(rows::table.filter(rows::offered_to.eq(user))).execute(tx.connection)?;
    Ok(())
}

/// Removes the offer of an Organization, if there is one.
pub fn forget(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    diesel::delete(rows::table.filter(rows::organization_id.eq(organization))).execute(tx.connection)?;
    Ok(())
}

/// Ends the offer that somebody made or is asked by, if there is one: they leave, are suspended, or become Owner or cease to be one. The
/// caller holds the lock on the Organization.
pub fn end_of(tx: &mut WriteTx, by: By<'_>, organization: &OrganizationId, user: &UserId) -> Result<(), DbError> {
    let (open, now) = (of_organization(tx.connection, organization)?, tx.now);
    match open.filter(|open| !open.is_expired(now) && [&open.offered_by, &open.offered_to].contains(&user)) {
        Some(open) => end(tx, by, &open),
        None => Ok(()),
    }
}

/// Ends an offer without an answer.
pub(super) fn end(tx: &mut WriteTx, by: By<'_>, open: &Open) -> Result<(), DbError> {
    forget(tx, &open.organization_id)?;
    let (subject_id, subject_name) = (open.offered_to.as_str(), &*open.name());
    let (action, before, after) = (Action::OwnershipEnded, Value::Null, Value::Null);
    tx.record(by, Change { action, subject_id, subject_name, before, after })
}
