//! Invitations: the rows.

use chrono::Duration;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::Role;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx, is_unique};
use crate::ids::{InvitationId, MailId, OrganizationId, UserId};
use crate::people::counts::Counted;
use crate::people::directory::{self, Entry};
use crate::people::terms::Facts;
use crate::schema::invitations;
use crate::secrets::Secret;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How long an invitation can be accepted.
pub const LIFETIME: Duration = Duration::days(15);
/// How many invitations may be open in one Organization: those that nobody accepted, declined or withdrew.
pub const MOST_OPEN: i64 = 5_000;

/// How an invitation was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Accepted,
    Declined,
    Withdrawn,
}

stored_as_text!(Outcome);

/// An open invitation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    pub email: String,
    pub role: Role,
    pub invited_by: UserId,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Invitation {
    pub fn is_expired(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

/// An open invitation of this Organization, expired or not.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<Option<Invitation>, DbError> {
    Ok(invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .select(Invitation::as_select())
        .first(connection)
        .optional()?)
}

/// Those of `ids` that are open invitations of this Organization, by address. One statement.
pub fn find_all(
    connection: &mut Connection,
    organization: &OrganizationId,
    ids: &[InvitationId],
) -> Result<Vec<Invitation>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut found: Vec<Invitation> = invitations::table
        .filter(invitations::id.eq_any(ids))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .select(Invitation::as_select())
        .load(connection)?;
    found.sort_by(|one, other| one.email.cmp(&other.email));
    Ok(found)
}

/// The open invitation of an address to this Organization, expired or not.
pub(super) fn find_live(
    connection: &mut Connection,
    organization: &OrganizationId,
    email: &str,
) -> Result<Option<Invitation>, DbError> {
    Ok(invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::email.eq(email))
        .filter(invitations::closed_at.is_null())
        .select(Invitation::as_select())
        .first(connection)
        .optional()?)
}

/// The open invitations of these addresses to this Organization, expired or not. One statement.
pub fn find_of_emails(
    connection: &mut Connection,
    organization: &OrganizationId,
    emails: &[&str],
) -> Result<Vec<Invitation>, DbError> {
    if emails.is_empty() {
        return Ok(Vec::new());
    }
    Ok(invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::email.eq_any(emails))
        .filter(invitations::closed_at.is_null())
        .select(Invitation::as_select())
        .load(connection)?)
}

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
struct NewInvitation<'a> {
    id: &'a InvitationId,
    organization_id: &'a OrganizationId,
    email: &'a str,
    role: Role,
    secret_hash: String,
    invited_by: &'a UserId,
    sent_at: Timestamp,
    expires_at: Timestamp,
    created_at: Timestamp,
    outcome: Option<Outcome>,
    closed_at: Option<Timestamp>,
}

/// Stores a new invitation. `None` where the address has an open one.
pub(super) fn insert(tx: &mut WriteTx, new: &Invitation, secret: &Secret) -> Result<Option<()>, DbError> {
    let row = NewInvitation {
        id: &new.id,
        organization_id: &new.organization_id,
        email: &new.email,
        role: new.role,
        secret_hash: secret.hash(),
        invited_by: &new.invited_by,
        sent_at: new.sent_at,
        expires_at: new.expires_at,
        created_at: new.sent_at,
        outcome: None,
        closed_at: None,
    };
    let inserted = tx.savepoint(|connection| diesel::insert_into(invitations::table).values(row).execute(connection));
    match inserted {
        Ok(_) => {
            let facts = Facts::of_invitation(&new.email, new.role, new.sent_at);
            directory::add(tx, &new.organization_id, Entry::Invitation(&new.id), Counted::Invited, &facts)?;
            Ok(Some(()))
        }
        Err(error) if is_unique(&error, "invitations_live", "invitations.email") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Stores a new secret, and what goes with it: role, inviter and times. No earlier link works any more, mailed or shown.
pub(super) fn renew(tx: &mut WriteTx, renewed: &Invitation, secret: &Secret) -> Result<(), DbError> {
    diesel::update(invitations::table.filter(invitations::id.eq(&renewed.id)))
        .set((
            invitations::role.eq(renewed.role),
            invitations::secret_hash.eq(secret.hash()),
            invitations::shown_hash.eq(None::<String>),
            invitations::sealed_secret.eq(None::<Vec<u8>>),
            invitations::invited_by.eq(&renewed.invited_by),
            invitations::sent_at.eq(renewed.sent_at),
            invitations::expires_at.eq(renewed.expires_at),
        ))
        .execute(tx.connection)?;
    directory::set_role(tx, renewed.id.as_str(), renewed.role)?;
    directory::set_since(tx, renewed.id.as_str(), renewed.sent_at)
}

/// Stores a new secret for the mailed link alone.
pub(super) fn set_mailed_secret(tx: &mut WriteTx, invitation: &InvitationId, secret: &Secret) -> Result<(), DbError> {
    diesel::update(invitations::table.filter(invitations::id.eq(invitation)))
        .set(invitations::secret_hash.eq(secret.hash()))
        .execute(tx.connection)?;
    Ok(())
}

/// Notes the mail that an invitation was sent with last, so that the list can say what became of it.
pub(super) fn note_mail(tx: &mut WriteTx, invitation: &InvitationId, mail: &MailId) -> Result<(), DbError> {
    diesel::update(invitations::table.filter(invitations::id.eq(invitation)))
        .set(invitations::mail_id.eq(Some(mail)))
        .execute(tx.connection)?;
    Ok(())
}

/// The mail that an invitation was sent with last.
pub(super) fn mail_of(connection: &mut Connection, invitation: &InvitationId) -> Result<Option<MailId>, DbError> {
    Ok(invitations::table.filter(invitations::id.eq(invitation)).select(invitations::mail_id).first(connection)?)
}

pub(super) fn close(tx: &mut WriteTx, invitation: &Invitation, outcome: Outcome) -> Result<(), DbError> {
    let row = invitations::table.filter(invitations::id.eq(&invitation.id));
    diesel::update(row)
        .set((invitations::outcome.eq(Some(outcome)), invitations::closed_at.eq(Some(tx.now))))
        .execute(tx.connection)?;
    // Nobody needs the link any more. One that was withdrawn may come back: see [`super::links`].
    if outcome != Outcome::Withdrawn {
        diesel::update(row).set(invitations::sealed_secret.eq(None::<Vec<u8>>)).execute(tx.connection)?;
    }
    directory::remove(tx, invitation.id.as_str())
}

/// An invitation of this Organization that was withdrawn.
pub(super) fn find_withdrawn(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<Option<Invitation>, DbError> {
    Ok(invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::outcome.eq(Some(Outcome::Withdrawn)))
        .select(Invitation::as_select())
        .first(connection)
        .optional()?)
}

/// Opens a closed invitation again. False where the address has another one by now.
pub(super) fn reopen(tx: &mut WriteTx, closed: &Invitation) -> Result<bool, DbError> {
    let opened = tx.savepoint(|connection| {
        diesel::update(invitations::table.filter(invitations::id.eq(&closed.id)))
            .set((invitations::outcome.eq(None::<Outcome>), invitations::closed_at.eq(None::<Timestamp>)))
            .execute(connection)
    });
    match opened {
        Ok(_) => {
            let facts = Facts::of_invitation(&closed.email, closed.role, closed.sent_at);
            directory::add(tx, &closed.organization_id, Entry::Invitation(&closed.id), Counted::Invited, &facts)?;
            Ok(true)
        }
        Err(error) if is_unique(&error, "invitations_live", "invitations.email") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn record(tx: &mut WriteTx, by: By<'_>, invitation: &Invitation, action: Action) -> Result<(), DbError> {
    let after = json!({ "email": invitation.email, "role": invitation.role.key() });
    let (subject_id, subject_name) = (invitation.id.as_str(), invitation.email.as_str());
    tx.record(by, Change { action, subject_id, subject_name, before: Value::Null, after })
}
