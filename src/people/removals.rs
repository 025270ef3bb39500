//! What was removed a short while ago: the rows.

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;

use crate::access::{Role, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{InvitationId, MailId, OrganizationId, RemovalBatchId, RemovalId, UserId};
use crate::jobs::Purge;
use crate::schema::removals;
use crate::time::Timestamp;

/// How long a removal can be undone.
pub const WINDOW: Duration = Duration::minutes(10);

/// Removals are forgotten when they cannot be undone any more.
pub const PURGE: Purge =
    Purge { kind: "removals.purge", table: "removals", key: "id", moment: "removed_at", kept: WINDOW };

/// What is kept of a membership or an invitation, and comes back with it.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = removals, treat_none_as_default_value = false)]
pub(super) struct Removal {
    /// The id of the membership or of the invitation.
    pub entry_id: String,
    pub role: Role,
    /// Of a member: the mail that tells them. Of an invitation: the one that was taken back before it left.
    pub mail_id: Option<MailId>,
    /// Of a member alone, as all that follows.
    pub user_id: Option<UserId>,
    pub inviter_name: String,
    pub joined_at: Option<Timestamp>,
    pub last_active_on: Option<NaiveDate>,
    pub last_opened_at: Option<Timestamp>,
}

impl Removal {
    /// Of an invitation that was withdrawn.
    pub(super) fn of_invitation(id: &InvitationId, role: Role, mail: Option<MailId>) -> Self {
        Self {
            entry_id: id.to_string(),
            role,
            mail_id: mail,
            user_id: None,
            inviter_name: String::new(),
            joined_at: None,
            last_active_on: None,
            last_opened_at: None,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = removals)]
struct Row<'a> {
    id: RemovalId,
    batch_id: &'a RemovalBatchId,
    organization_id: &'a OrganizationId,
    #[diesel(embed)]
    removal: Removal,
    removed_by: &'a UserId,
    removed_at: Timestamp,
}

/// Notes that the actor removed somebody, or withdrew an invitation. Answers under which id.
pub(super) fn note(
    tx: &mut WriteTx,
    scope: &Scope,
    batch: &RemovalBatchId,
    removal: Removal,
) -> Result<RemovalId, DbError> {
    let row = Row {
        id: RemovalId::new(tx.now),
        batch_id: batch,
        organization_id: scope.organization_id(),
        removal,
        removed_by: &scope.person().user_id,
        removed_at: tx.now,
    };
    let id = row.id.clone();
    diesel::insert_into(removals::table).values(row).execute(tx.connection)?;
    Ok(id)
}

/// The removals of a batch that the actor can undo, up to `most`, in the order in which they were made.
pub fn find(
    connection: &mut Connection,
    scope: &Scope,
    batch: &RemovalBatchId,
    now: Timestamp,
    most: usize,
) -> Result<Vec<RemovalId>, DbError> {
    let mut found: Vec<RemovalId> = removals::table
        .filter(removals::batch_id.eq(batch))
        .filter(removals::organization_id.eq(scope.organization_id()))
        .filter(removals::removed_by.eq(&scope.person().user_id))
        .filter(removals::removed_at.gt(now - WINDOW))
        .limit(most as i64)
        .select(removals::id)
        .load(connection)?;
    // Sorted here: asked for the first in an order, PostgreSQL would look for the batch among all.
    found.sort();
    Ok(found)
}

/// The accounts of those who come back with these removals of the actor, in the order of their ids.
pub(super) fn accounts(tx: &mut WriteTx, scope: &Scope, wanted: &[RemovalId]) -> Result<Vec<UserId>, DbError> {
    let mut accounts: Vec<UserId> = removals::table
        .filter(removals::id.eq_any(wanted))
        .filter(removals::organization_id.eq(scope.organization_id()))
        .filter(removals::removed_by.eq(&scope.person().user_id))
        .filter(removals::user_id.is_not_null())
        .select(removals::user_id.assume_not_null())
        .load(tx.connection)?;
    accounts.sort();
    Ok(accounts)
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

/// Forgets that somebody was removed who is a member again: nobody is told of it, nor brings them back once more.
pub(super) fn forget_member(tx: &mut WriteTx, organization: &OrganizationId, user: &UserId) -> Result<(), DbError> {
    let theirs = removals::table.filter(removals::user_id.eq(user)).filter(removals::organization_id.eq(organization));
    let found: Vec<(RemovalId, Option<MailId>)> =
        theirs.select((removals::id, removals::mail_id)).load(tx.connection)?;
    for (id, mail) in found {
        if let Some(mail) = mail {
            tx.unsend(&mail)?;
        }
        forget(tx, &id)?;
    }
    Ok(())
}
