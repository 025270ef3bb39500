//! Seats: who occupies one, taking one, giving one back. Whoever takes one locks the licence, counts the rows, inserts: so there are
//! never more than the licence has, however many try at once.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Permission, Person, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, MembershipId, OrganizationId, SeatId, UserId};
use crate::licences::licence::{self, Licence};
use crate::licences::lists::people_of;
use crate::names::full_name;
use crate::paging::{Part, Place};
use crate::schema::{licence_seats, memberships, users};
use crate::time::Timestamp;

#[derive(Insertable)]
#[diesel(table_name = licence_seats)]
struct Row<'a> {
    id: SeatId,
    licence_id: &'a LicenceId,
    organization_id: &'a OrganizationId,
    user_id: &'a UserId,
    occupied_at: Timestamp,
}

/// How many are occupied.
pub fn used(connection: &mut Connection, licence: &LicenceId) -> Result<i64, DbError> {
    Ok(licence_seats::table.filter(licence_seats::licence_id.eq(licence)).count().get_result(connection)?)
}

fn has_one(connection: &mut Connection, licence: &LicenceId, user: &UserId) -> Result<bool, DbError> {
    let found: Option<SeatId> = licence_seats::table
        .filter(licence_seats::licence_id.eq(licence))
        .filter(licence_seats::user_id.eq(user))
        .select(licence_seats::id)
        .first(connection)
        .optional()?;
    Ok(found.is_some())
}

/// Takes a seat for somebody, where one is free. The licence is locked.
pub(super) fn take(
    tx: &mut WriteTx,
    licence: &Licence,
    user: &UserId,
    occupied_at: Timestamp,
) -> Result<bool, DbError> {
    if used(tx.connection, &licence.id)? >= licence.seats_at(tx.now).into() {
        return Ok(false);
    }
    let row = Row {
        id: SeatId::new(tx.now),
        licence_id: &licence.id,
        organization_id: &licence.organization_id,
        user_id: user,
        occupied_at,
    };
    diesel::insert_into(licence_seats::table).values(row).execute(tx.connection)?;
    Ok(true)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occupy {
    Occupied,
    /// They have one.
    Already,
    /// All of them are occupied.
    Full {
        seats: i32,
    },
    /// It needs none.
    WithoutSeats,
    /// It has ended, or is suspended: nobody begins to use it.
    NotValid,
    /// There is no such licence that they may use.
    Gone,
}

/// The actor takes a seat of a licence that they may use.
pub fn occupy(tx: &mut WriteTx, scope: &Scope, id: &LicenceId) -> Result<Occupy, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::UseLicences)? else { return Ok(Occupy::Gone) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Occupy::Gone) };
    let person = scope.person();
    if has_one(tx.connection, id, &person.user_id)? {
        return Ok(Occupy::Already);
    }
    if !licence.has_seats() {
        return Ok(Occupy::WithoutSeats);
    }
    if !licence.is_valid_at(tx.now) {
        return Ok(Occupy::NotValid);
    }
    if !take(tx, &licence, &person.user_id, tx.now)? {
        return Ok(Occupy::Full { seats: licence.seats_at(tx.now) });
    }
    let after = of_person(&person.user_id, &person.name());
    record(tx, By::member(&scope), &licence, Action::SeatOccupied, [Value::Null, after])?;
    Ok(Occupy::Occupied)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    Released {
        name: String,
    },
    /// They have none.
    None {
        name: String,
    },
    /// The role of this moment does not allow it.
    NotAllowed,
    /// There is no such licence that the actor may see, or no such person.
    Gone,
}

/// The actor gives their seat back.
pub fn release_own(tx: &mut WriteTx, scope: &Scope, id: &LicenceId) -> Result<Release, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::UseLicences)? else { return Ok(Release::Gone) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Release::Gone) };
    let Person { user_id, .. } = scope.person();
    release(tx, &scope, &licence, user_id, scope.person().name())
}

/// Takes somebody's seat from them.
pub fn release_of(tx: &mut WriteTx, scope: &Scope, id: &LicenceId, member: &MembershipId) -> Result<Release, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageLicences)? else { return Ok(Release::NotAllowed) };
    let Some(licence) = licence::lock(tx, &scope, id)? else { return Ok(Release::Gone) };
    let Some((user, name)) = person(tx.connection, scope.organization_id(), member)? else { return Ok(Release::Gone) };
    release(tx, &scope, &licence, &user, name)
}

fn release(
    tx: &mut WriteTx,
    scope: &Scope,
    licence: &Licence,
    user: &UserId,
    name: String,
) -> Result<Release, DbError> {
    if !give_up(tx, By::member(scope), licence, user, &name)? {
        return Ok(Release::None { name });
    }
    Ok(Release::Released { name })
}

/// Frees the seat that somebody has, if they have one.
pub(super) fn give_up(
    tx: &mut WriteTx,
    by: By<'_>,
    licence: &Licence,
    user: &UserId,
    name: &str,
) -> Result<bool, DbError> {
    let theirs =
        licence_seats::table.filter(licence_seats::licence_id.eq(&licence.id)).filter(licence_seats::user_id.eq(user));
    if diesel::delete(theirs).execute(tx.connection)? == 0 {
        return Ok(false);
    }
    record(tx, by, licence, Action::SeatReleased, [of_person(user, name), Value::Null])?;
    Ok(true)
}

/// Whom a change of a licence is about, as the activity log has it.
pub(super) fn of_person(user: &UserId, name: &str) -> Value {
    json!({ "user": user.as_str(), "name": name })
}

pub(super) fn record(
    tx: &mut WriteTx,
    by: By<'_>,
    of: &Licence,
    action: Action,
    [before, after]: [Value; 2],
) -> Result<(), DbError> {
    tx.record(by, Change { action, subject_id: of.id.as_str(), subject_name: &of.product, before, after })
}

/// Somebody of the Organization: their account and their name.
pub(super) fn person(
    connection: &mut Connection,
    organization: &OrganizationId,
    member: &MembershipId,
) -> Result<Option<(UserId, String)>, DbError> {
    let found: Option<(UserId, String, String)> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.eq(member))
        .filter(memberships::organization_id.eq(organization))
        .select((users::id, users::first_name, users::last_name))
        .first(connection)
        .optional()?;
    Ok(found.map(|(user, first, last)| (user, full_name(&first, &last))))
}

/// Somebody who has a seat.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = licence_seats)]
pub struct Holder {
    pub id: SeatId,
    #[diesel(select_expression = memberships::id)]
    pub member_id: MembershipId,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::email)]
    pub email: String,
    #[diesel(column_name = occupied_at)]
    pub since: Timestamp,
}

impl Holder {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// Who has a seat, in the order in which they took it. One statement.
pub fn holders(
    connection: &mut Connection,
    licence: &LicenceId,
    place: Place<&str>,
    most: usize,
) -> Result<Part<Holder>, DbError> {
    people_of!(connection, licence_seats, Holder, licence, place, most)
}
