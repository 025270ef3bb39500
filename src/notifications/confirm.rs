//! Confirming an address: by whoever has the mail, without an account.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Recipient as Holder, lock_organization};
use crate::audit::{Action, By};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrganizationId, RecipientId};
use crate::notifications::kinds::Kinds;
use crate::notifications::recipients::{json, record};
use crate::schema::{notification_recipients as recipients, organizations};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// What the link in a mail asks.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = recipients)]
pub struct Asked {
    id: RecipientId,
    organization_id: OrganizationId,
    #[diesel(select_expression = organizations::name)]
    pub organization: String,
    pub email: String,
    #[diesel(embed)]
    pub kinds: Kinds,
}

/// What a link asks that still works.
pub fn find(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<Asked>, DbError> {
    Ok(recipients::table
        .inner_join(organizations::table)
        .filter(recipients::secret_hash.eq(secret.hash()))
        .filter(recipients::confirm_until.gt(now))
        .filter(recipients::removed_at.is_null())
        .filter(organizations::closed_at.is_null())
        .select(Asked::as_select())
        .first(connection)
        .optional()?)
}

/// From now on the address gets what was asked. `None` where the link does not work (any more).
pub fn confirm(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<Asked>, DbError> {
    let Some(seen) = find(tx.connection, secret, tx.now)? else { return Ok(None) };
    lock_organization(tx, &seen.organization_id)?;
    // As it is now that nobody else changes it.
    let Some(asked) = find(tx.connection, secret, tx.now)? else { return Ok(None) };
    diesel::update(recipients::table.filter(recipients::id.eq(&asked.id)))
        .set((
            recipients::confirmed_at.eq(Some(tx.now)),
            recipients::unsubscribed_at.eq(None::<Timestamp>),
            recipients::secret_hash.eq(None::<String>),
            recipients::confirm_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    let holder = Holder { email: asked.email.clone(), ip: ip.to_owned() };
    let by = By::recipient(&holder, &asked.organization_id);
    record(tx, by, (&asked.id, &asked.email), Action::RecipientConfirmed, (Value::Null, json(asked.kinds)))?;
    Ok(Some(asked))
}
