//! The Owners, who hear of everything unless they have chosen otherwise.

use diesel::prelude::*;

use crate::access::{Permission, Role, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::names::full_name;
use crate::notifications::kinds::{Chosen, Kinds};
use crate::schema::{memberships, notification_choices as choices, users};

/// How many Owners are told, those who have been there longest.
pub const MOST_OWNERS: usize = 50;

/// An Owner, and what they hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user_id: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub kinds: Kinds,
}

impl Owner {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

/// The Owners of an Organization who are not suspended, at most [`MOST_OWNERS`]. One statement.
pub fn owners(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<Owner>, DbError> {
    let choice = choices::organization_id.eq(memberships::organization_id).and(choices::user_id.eq(users::id));
    type Row = (UserId, String, String, String, Option<Chosen>);
    let rows: Vec<Row> = memberships::table
        .inner_join(users::table)
        .left_join(choices::table.on(choice))
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::role.eq(Role::Owner))
        .filter(users::suspended_at.is_null())
        .order(memberships::id)
        .limit(MOST_OWNERS as i64)
        .select((users::id, users::email, users::first_name, users::last_name, Option::<Chosen>::as_select()))
        .load(connection)?;
    let owner = |(user_id, email, first_name, last_name, chosen): Row| Owner {
        user_id,
        email,
        first_name,
        last_name,
        kinds: chosen.map_or(Kinds::ALL, Kinds::from),
    };
    Ok(rows.into_iter().map(owner).collect())
}

/// What somebody hears of as an Owner.
pub fn chosen(connection: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Kinds, DbError> {
    let chosen: Option<Chosen> =
        choices::table.find((organization, user)).select(Chosen::as_select()).first(connection).optional()?;
    Ok(chosen.map_or(Kinds::ALL, Kinds::from))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choose {
    Saved,
    Unchanged,
    /// No Owner any more.
    NotAllowed,
}

/// An Owner chooses what they hear of.
pub fn choose(tx: &mut WriteTx, scope: &Scope, kinds: Kinds) -> Result<Choose, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else { return Ok(Choose::NotAllowed) };
    let user = scope.person().user_id.clone();
    let before = chosen(tx.connection, scope.organization_id(), &user)?;
    if before == kinds {
        return Ok(Choose::Unchanged);
    }
    store(tx, scope.organization_id(), &user, kinds)?;
    let json = |kinds| serde_json::to_value(kinds).unwrap_or_default();
    let change = Change {
        action: Action::NotificationChoiceChanged,
        subject_id: user.as_str(),
        subject_name: &scope.person().email,
        before: json(before),
        after: json(kinds),
    };
    tx.record(By::member(&scope), change)?;
    Ok(Choose::Saved)
}

/// Keeps a choice. The Organization is locked.
pub(super) fn store(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    user: &UserId,
    kinds: Kinds,
) -> Result<(), DbError> {
    let row = choices::table.find((organization, user));
    if diesel::update(row).set(Chosen::from(kinds)).execute(tx.connection)? == 0 {
        let new = (choices::organization_id.eq(organization), choices::user_id.eq(user), Chosen::from(kinds));
        diesel::insert_into(choices::table).values(new).execute(tx.connection)?;
    }
    Ok(())
}
