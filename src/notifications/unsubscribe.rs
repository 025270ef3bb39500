//! No more mails: by whoever has one, without an account. What ends is everything that the Organization sends to this address.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Recipient as Holder, lock_organization};
use crate::audit::{Action, By};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, RecipientId, UserId};
use crate::notifications::kinds::Kinds;
use crate::notifications::owners;
use crate::notifications::recipients::{self, NewRecipient, record};
use crate::schema::{notification_mails as mails, notification_recipients as rows, organizations};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// The mail that a link stands in.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub struct Mailed {
    organization_id: OrganizationId,
    #[diesel(select_expression = organizations::name)]
    pub organization: String,
    #[diesel(column_name = recipient)]
    pub email: String,
    /// Of an Owner.
    user_id: Option<UserId>,
}

pub fn find(connection: &mut Connection, secret: &Secret) -> Result<Option<Mailed>, DbError> {
    let mailed = mails::table.inner_join(organizations::table).filter(mails::secret_hash.eq(secret.hash()));
    Ok(mailed.select(Mailed::as_select()).first(connection).optional()?)
}

impl Mailed {
    /// Whether the address gets nothing more.
    pub fn has_ended(&self, connection: &mut Connection) -> Result<bool, DbError> {
        if let Some(owner) = &self.user_id
            && !owners::chosen(connection, &self.organization_id, owner)?.is_none()
        {
            return Ok(false);
        }
        let recipient = recipients::by_email(connection, &self.organization_id, &self.email)?;
        Ok(recipient.is_some_and(|recipient| recipient.unsubscribed_at.is_some()))
    }
}

/// Ends all mails of the Organization to the address. `None` where the link is unknown. Done again, it changes nothing.
pub fn unsubscribe(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<Mailed>, DbError> {
    let Some(mailed) = find(tx.connection, secret)? else { return Ok(None) };
    lock_organization(tx, &mailed.organization_id)?;
    if mailed.has_ended(tx.connection)? {
        return Ok(Some(mailed));
    }
    if let Some(owner) = &mailed.user_id {
        owners::store(tx, &mailed.organization_id, owner, Kinds::NONE)?;
    }
    let id = end(tx, &mailed)?;
    let holder = Holder { email: mailed.email.clone(), ip: ip.to_owned() };
    let by = By::recipient(&holder, &mailed.organization_id);
    record(tx, by, (&id, &mailed.email), Action::RecipientUnsubscribed, (Value::Null, Value::Null))?;
    Ok(Some(mailed))
}

/// Marks the address. One that was removed since, or is none besides that of an Owner, is kept for it.
fn end(tx: &mut WriteTx, mailed: &Mailed) -> Result<RecipientId, DbError> {
    if let Some(recipient) = recipients::by_email(tx.connection, &mailed.organization_id, &mailed.email)? {
        diesel::update(rows::table.filter(rows::id.eq(&recipient.id)))
            .set((
                rows::unsubscribed_at.eq(Some(tx.now)),
                rows::secret_hash.eq(None::<String>),
                rows::confirm_until.eq(None::<Timestamp>),
            ))
            .execute(tx.connection)?;
        return Ok(recipient.id);
    }
    let (id, now) = (RecipientId::new(tx.now), tx.now);
    let (organization_id, email) = (&mailed.organization_id, &*mailed.email);
    let (kinds, created_at, unsubscribed_at, removed_at) = (Kinds::NONE, now, Some(now), Some(now));
    NewRecipient { id: &id, organization_id, email, kinds, created_at, unsubscribed_at, removed_at }.store(tx)?;
    Ok(id)
}
