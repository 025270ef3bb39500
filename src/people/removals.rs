//! What was removed a short while ago: the rows.

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;

use crate::access::{Role, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{MailId, OrganizationId, RemovalBatchId, RemovalId, UserId};
use crate::jobs::Purge;
use crate::people::invitations::Invitation;
use crate::people::members::Member;
use crate::schema::removals;
use crate::time::Timestamp;

/// How long a removal can be undone.
pub const WINDOW: Duration = Duration::minutes(10);

/// Removals are forgotten when they cannot be undone any more.
pub const PURGE: Purge =
    Purge { kind: "removals.purge", table: "removals", key: "id", moment: "removed_at", kept: WINDOW };

#[derive(Insertable)]
#[diesel(table_name = removals, treat_none_as_default_value = false)]
struct Row<'a> {
    id: RemovalId,
    batch_id: &'a RemovalBatchId,
    organization_id: &'a OrganizationId,
    entry_id: &'a str,
    user_id: Option<&'a UserId>,
    role: Role,
    inviter_name: &'a str,
    joined_at: Option<Timestamp>,
    last_active_on: Option<NaiveDate>,
    mail_id: Option<MailId>,
    removed_by: &'a UserId,
    removed_at: Timestamp,
}

/// Notes that a member was removed; `mail` tells them so.
pub(super) fn note_member(
    tx: &mut WriteTx,
    scope: &Scope,
    batch: &RemovalBatchId,
    member: &Member,
    mail: MailId,
) -> Result<(), DbError> {
    let row = Row {
        entry_id: member.id.as_str(),
        user_id: Some(&member.user_id),
        inviter_name: &member.inviter_name,
        joined_at: Some(member.joined_at),
        last_active_on: member.last_active_on,
        mail_id: Some(mail),
        ..row(tx.now, scope, batch, member.role)
    };
    diesel::insert_into(removals::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// Notes that an invitation was withdrawn; `mail` is the one that was taken back before it left.
pub(super) fn note_invitation(
    tx: &mut WriteTx,
    scope: &Scope,
    batch: &RemovalBatchId,
    invitation: &Invitation,
    mail: Option<MailId>,
) -> Result<(), DbError> {
    let row = Row { entry_id: invitation.id.as_str(), mail_id: mail, ..row(tx.now, scope, batch, invitation.role) };
    diesel::insert_into(removals::table).values(row).execute(tx.connection)?;
    Ok(())
}

fn row<'a>(now: Timestamp, scope: &'a Scope, batch: &'a RemovalBatchId, role: Role) -> Row<'a> {
    Row {
        id: RemovalId::new(now),
        batch_id: batch,
        organization_id: scope.organization_id(),
        entry_id: "",
        user_id: None,
        role,
        inviter_name: "",
        joined_at: None,
        last_active_on: None,
        mail_id: None,
        removed_by: &scope.person().user_id,
        removed_at: now,
    }
}

/// What can be undone.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = removals)]
pub(super) struct Removal {
    pub entry_id: String,
    pub user_id: Option<UserId>,
    pub role: Role,
    pub inviter_name: String,
    pub joined_at: Option<Timestamp>,
    pub last_active_on: Option<NaiveDate>,
    pub mail_id: Option<MailId>,
}

/// The removals of a batch that the actor can undo, up to `most`.
pub fn find(
    connection: &mut Connection,
    scope: &Scope,
    batch: &RemovalBatchId,
    now: Timestamp,
    most: usize,
) -> Result<Vec<RemovalId>, DbError> {
    Ok(removals::table
        .filter(removals::batch_id.eq(batch))
        .filter(removals::organization_id.eq(scope.organization_id()))
        .filter(removals::removed_by.eq(&scope.person().user_id))
        .filter(removals::removed_at.gt(now - WINDOW))
        .limit(most as i64)
        .select(removals::id)
        .load(connection)?)
}

/// A removal that the actor can undo.
pub(super) fn find_one(tx: &mut WriteTx, scope: &Scope, id: &RemovalId) -> Result<Option<Removal>, DbError> {
    Ok(removals::table
        .filter(removals::id.eq(id))
        .filter(removals::organization_id.eq(scope.organization_id()))
        .filter(removals::removed_by.eq(&scope.person().user_id))
        .filter(removals::removed_at.gt(tx.now - WINDOW))
        .select(Removal::as_select())
        .first(tx.connection)
        .optional()?)
}

pub(super) fn forget(tx: &mut WriteTx, id: &RemovalId) -> Result<(), DbError> {
    diesel::delete(removals::table.filter(removals::id.eq(id))).execute(tx.connection)?;
    Ok(())
}
