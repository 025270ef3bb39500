//! Addresses that want no more invitations from an Organization. Whoever has a mail of it says so by its link, without an account:
//! the newest mail to an address has the power, whatever became of the invitation in it.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Recipient, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::people::invitations::{self, Outcome};
use crate::people::mail::News;
use crate::people::owner_news;
use crate::schema::{invitation_blocks as blocks, invitations as sent, organizations};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// What the link in a mail is about.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sent)]
pub struct Mailing {
    organization_id: OrganizationId,
    #[diesel(select_expression = organizations::name)]
    pub organization: String,
    pub email: String,
}

pub fn find(connection: &mut Connection, secret: &Secret) -> Result<Option<Mailing>, DbError> {
    let mailings = sent::table.inner_join(organizations::table).filter(sent::secret_hash.eq(secret.hash()));
    Ok(mailings.select(Mailing::as_select()).first(connection).optional()?)
}

/// Whether the address wants no invitations from this Organization.
pub fn is_blocked(connection: &mut Connection, organization: &OrganizationId, email: &str) -> Result<bool, DbError> {
    let block = blocks::table.filter(blocks::organization_id.eq(organization)).filter(blocks::email.eq(email));
    let found: Option<String> = block.select(blocks::email).first(connection).optional()?;
    Ok(found.is_some())
}

impl Mailing {
    pub fn is_blocked(&self, connection: &mut Connection) -> Result<bool, DbError> {
        is_blocked(connection, &self.organization_id, &self.email)
    }

    fn record(&self, tx: &mut WriteTx, by: &Recipient, action: Action) -> Result<(), DbError> {
        let (before, after) = (Value::Null, Value::Null);
        let change = Change { action, subject_id: "", subject_name: &self.email, before, after };
        tx.record(By::recipient(by, &self.organization_id), change)
    }
}

#[derive(Insertable)]
#[diesel(table_name = blocks)]
struct Row<'a> {
    organization_id: &'a OrganizationId,
    email: &'a str,
    created_at: Timestamp,
}

/// No more invitations: an open one is declined. `None` where the link is unknown.
pub fn block(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<Mailing>, DbError> {
    let Some((mailing, by)) = locked(tx, secret, ip)? else { return Ok(None) };
    if mailing.is_blocked(tx.connection)? {
        return Ok(Some(mailing));
    }
    let row = Row { organization_id: &mailing.organization_id, email: &mailing.email, created_at: tx.now };
    diesel::insert_into(blocks::table).values(row).execute(tx.connection)?;
    mailing.record(tx, &by, Action::InvitationsBlocked)?;
    if let Some(open) = invitations::find_live(tx.connection, &mailing.organization_id, &mailing.email)? {
        invitations::close(tx, &open, Outcome::Declined)?;
        invitations::record(tx, By::recipient(&by, &mailing.organization_id), &open, Action::InvitationDeclined)?;
        let news = News::Declined { email: mailing.email.clone() };
        owner_news::tell(tx, &mailing.organization_id, &news, &[])?;
    }
    Ok(Some(mailing))
}

/// Invitations again.
pub fn allow(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<Mailing>, DbError> {
    let Some((mailing, by)) = locked(tx, secret, ip)? else { return Ok(None) };
    let theirs = blocks::table
        .filter(blocks::organization_id.eq(&mailing.organization_id))
        .filter(blocks::email.eq(&mailing.email));
    if diesel::delete(theirs).execute(tx.connection)? > 0 {
        mailing.record(tx, &by, Action::InvitationsAllowed)?;
    }
    Ok(Some(mailing))
}

fn locked(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<(Mailing, Recipient)>, DbError> {
    let Some(mailing) = find(tx.connection, secret)? else { return Ok(None) };
    lock_organization(tx, &mailing.organization_id)?;
    let by = Recipient { email: mailing.email.clone(), ip: ip.to_owned() };
    Ok(Some((mailing, by)))
}
