//! The addresses besides those of the Owners: rows, and what state each is in.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId, RecipientId};
use crate::notifications::kinds::Kinds;
use crate::schema::{memberships, notification_recipients as recipients, users};
use crate::time::Timestamp;

/// How many an Organization may have.
pub const MOST: usize = 50;

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = recipients)]
pub struct Recipient {
    pub id: RecipientId,
    pub organization_id: OrganizationId,
    pub email: String,
    #[diesel(embed)]
    pub kinds: Kinds,
    /// Until when the link of the last mail that asked works.
    pub confirm_until: Option<Timestamp>,
    pub confirmed_at: Option<Timestamp>,
    pub unsubscribed_at: Option<Timestamp>,
    pub removed_at: Option<Timestamp>,
    /// Of a person of the Organization with this address.
    #[diesel(select_expression = memberships::id.nullable())]
    member: Option<MembershipId>,
}

/// Whether an address gets mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Confirmed, or of a person of the Organization.
    Active,
    /// Asked, and not answered yet.
    Asked {
        until: Timestamp,
    },
    /// To be asked again: the link works no more.
    Unconfirmed,
    Unsubscribed,
}

impl Recipient {
    pub fn state(&self, now: Timestamp) -> State {
        match self.confirm_until.filter(|until| now < *until) {
            _ if self.is_active() => State::Active,
            Some(until) => State::Asked { until },
            None if self.unsubscribed_at.is_some() => State::Unsubscribed,
            None => State::Unconfirmed,
        }
    }

    /// Whether it gets what it chose.
    pub fn is_active(&self) -> bool {
        self.unsubscribed_at.is_none() && (self.confirmed_at.is_some() || self.member.is_some())
    }
}

/// Recipients with the membership of whoever has the address.
macro_rules! with_members {
    () => {
        recipients::table
            .left_join(users::table.on(users::email.eq(recipients::email)))
            .left_join(
                memberships::table.on(memberships::user_id
                    .nullable()
                    .eq(users::id.nullable())
                    .and(memberships::organization_id.eq(recipients::organization_id))),
            )
            .select(Recipient::as_select())
    };
}

/// All of an Organization, in the order in which they were added. One statement.
pub fn all(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<Recipient>, DbError> {
    Ok(with_members!()
        .filter(recipients::organization_id.eq(organization))
        .filter(recipients::removed_at.is_null())
        .order(recipients::id)
        .load(connection)?)
}

/// One of them.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &RecipientId,
) -> Result<Option<Recipient>, DbError> {
    Ok(with_members!()
        .filter(recipients::organization_id.eq(organization))
        .filter(recipients::id.eq(id))
        .filter(recipients::removed_at.is_null())
        .first(connection)
        .optional()?)
}

/// The one with an address, removed or not.
pub(super) fn by_email(
    connection: &mut Connection,
    organization: &OrganizationId,
    email: &str,
) -> Result<Option<Recipient>, DbError> {
    Ok(with_members!()
        .filter(recipients::organization_id.eq(organization))
        .filter(recipients::email.eq(email))
        .first(connection)
        .optional()?)
}

/// A new one, which nobody has confirmed.
#[derive(Insertable)]
#[diesel(table_name = recipients)]
pub(super) struct NewRecipient<'a> {
    pub id: &'a RecipientId,
    pub organization_id: &'a OrganizationId,
    pub email: &'a str,
    #[diesel(embed)]
    pub kinds: Kinds,
    pub created_at: Timestamp,
    pub unsubscribed_at: Option<Timestamp>,
    pub removed_at: Option<Timestamp>,
}

impl NewRecipient<'_> {
    pub(super) fn store(&self, tx: &mut WriteTx) -> Result<(), DbError> {
        diesel::insert_into(recipients::table).values(self).execute(tx.connection)?;
        Ok(())
    }
}

/// Writes what was done to one.
pub(super) fn record(
    tx: &mut WriteTx,
    by: By<'_>,
    recipient: (&RecipientId, &str),
    action: Action,
    (before, after): (Value, Value),
) -> Result<(), DbError> {
    let (id, email) = recipient;
    tx.record(by, Change { action, subject_id: id.as_str(), subject_name: email, before, after })
}

pub(super) fn json(kinds: Kinds) -> Value {
    serde_json::to_value(kinds).unwrap_or_default()
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    Done { email: String },
    Unchanged,
    NotAllowed,
    Gone,
}

/// Changes what one hears of.
pub fn change(tx: &mut WriteTx, scope: &Scope, id: &RecipientId, kinds: Kinds) -> Result<Edit, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(Edit::NotAllowed) };
    let Some(found) = find(tx.connection, scope.organization_id(), id)? else { return Ok(Edit::Gone) };
    if found.kinds == kinds {
        return Ok(Edit::Unchanged);
    }
    diesel::update(recipients::table.filter(recipients::id.eq(id))).set(kinds).execute(tx.connection)?;
    let changed = (json(found.kinds), json(kinds));
    record(tx, By::member(&scope), (id, &found.email), Action::RecipientChanged, changed)?;
    Ok(Edit::Done { email: found.email })
}

/// Removes one. That they wanted no more mails is kept.
pub fn remove(tx: &mut WriteTx, scope: &Scope, id: &RecipientId) -> Result<Edit, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(Edit::NotAllowed) };
    let Some(found) = find(tx.connection, scope.organization_id(), id)? else { return Ok(Edit::Gone) };
    let row = recipients::table.filter(recipients::id.eq(id));
    if found.unsubscribed_at.is_some() {
        diesel::update(row)
            .set((
                recipients::removed_at.eq(Some(tx.now)),
                recipients::secret_hash.eq(None::<String>),
                recipients::confirm_until.eq(None::<Timestamp>),
            ))
            .execute(tx.connection)?;
    } else {
        diesel::delete(row).execute(tx.connection)?;
    }
    let removed = (json(found.kinds), Value::Null);
    record(tx, By::member(&scope), (id, &found.email), Action::RecipientRemoved, removed)?;
    Ok(Edit::Done { email: found.email })
}
