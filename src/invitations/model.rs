//! Invitations as those who invite see them: the rows, and the verbs of inviting, sending again and withdrawing.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Role, Scope};
use crate::audit::{Action, Actor, Change};
use crate::db::{Connection, DbError, Timestamp, WriteTx, is_unique};
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::limits::{INVITATION_RESENT, INVITATIONS, TooOften};
use crate::mail::InvitationMail;
use crate::people::directory::{self, Kind};
use crate::schema::{invitations, memberships, users};
use crate::secrets::Secret;
use crate::web::exact;

/// How long an invitation can be accepted.
pub const LIFETIME: Duration = Duration::days(15);
/// How many invitations may be open in one Organization: those that nobody accepted, declined or withdrew.
pub const MOST_OPEN: i64 = 5_000;

/// An open invitation.
#[derive(Clone, Debug)]
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

pub(super) type Columns = (
    invitations::id,
    invitations::organization_id,
    invitations::email,
    invitations::role,
    invitations::invited_by,
    invitations::sent_at,
    invitations::expires_at,
);
pub(super) const COLUMNS: Columns = (
    invitations::id,
    invitations::organization_id,
    invitations::email,
    invitations::role,
    invitations::invited_by,
    invitations::sent_at,
    invitations::expires_at,
);
pub(super) type Row = (InvitationId, OrganizationId, String, Role, UserId, Timestamp, Timestamp);

impl From<Row> for Invitation {
    fn from((id, organization_id, email, role, invited_by, sent_at, expires_at): Row) -> Self {
        Self { id, organization_id, email, role, invited_by, sent_at, expires_at }
    }
}

/// An open invitation of this Organization, expired or not.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &InvitationId,
) -> Result<Option<Invitation>, DbError> {
    let row: Option<Row> = invitations::table
        .filter(invitations::id.eq(id))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .select(COLUMNS)
        .first(connection)
        .optional()?;
    Ok(row.map(Invitation::from))
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
    let rows: Vec<Row> = invitations::table
        .filter(invitations::id.eq_any(ids))
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .select(COLUMNS)
        .load(connection)?;
    let mut found: Vec<Invitation> = rows.into_iter().map(Invitation::from).collect();
    found.sort_by(|one, other| one.email.cmp(&other.email));
    Ok(found)
}

fn find_live(
    connection: &mut Connection,
    organization: &OrganizationId,
    email: &str,
) -> Result<Option<Invitation>, DbError> {
    let row: Option<Row> = invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::email.eq(email))
        .filter(invitations::closed_at.is_null())
        .select(COLUMNS)
        .first(connection)
        .optional()?;
    Ok(row.map(Invitation::from))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invite {
    Sent,
    /// An earlier invitation had expired; it was sent anew.
    Reissued,
    AlreadyMember,
    /// An invitation is pending until then; nothing was sent.
    AlreadyInvited {
        until: Timestamp,
    },
    /// The actor may not give that role (any more).
    NotAllowed,
    /// The Organization has as many open invitations as it may have.
    TooManyOpen,
    TooOften(TooOften),
}

/// Invites an address. `public_url` is where the link leads.
pub fn invite(tx: &mut WriteTx, scope: &Scope, email: &str, role: Role, public_url: &str) -> Result<Invite, DbError> {
    let Some(actor_role) = scope.lock(tx)?.filter(|actor| actor.may_give(role)) else {
        return Ok(Invite::NotAllowed);
    };
    let organization = scope.organization_id();
    let member: Option<UserId> = users::table
        .inner_join(memberships::table.on(memberships::user_id.eq(users::id)))
        .filter(users::email.eq(email))
        .filter(memberships::organization_id.eq(organization))
        .select(users::id)
        .first(tx.connection)
        .optional()?;
    if member.is_some() {
        return Ok(Invite::AlreadyMember);
    }
    let earlier = find_live(tx.connection, organization, email)?;
    match &earlier {
        Some(live) if !live.is_expired(tx.now) => return Ok(Invite::AlreadyInvited { until: live.expires_at }),
        // A Manager must not send out anew, with another role, what an Owner offered.
        Some(lapsed) if !actor_role.may_give(lapsed.role) => return Ok(Invite::NotAllowed),
        Some(_) => {}
        None if open_count(tx, organization)? >= MOST_OPEN => return Ok(Invite::TooManyOpen),
        None => {}
    }
    if let Err(too_often) = tx.take(INVITATIONS, organization.as_str())? {
        return Ok(Invite::TooOften(too_often));
    }
    let is_reissue = earlier.is_some();
    let (invitation, secret) = match earlier {
        Some(lapsed) => renew(tx, scope, lapsed, role)?,
        None => match insert(tx, scope, email, role)? {
            Some(new) => new,
            // Another transaction was first; the lock makes that impossible within one program, the index for all.
            None => {
                return Ok(Invite::AlreadyInvited { until: tx.now + LIFETIME });
            }
        },
    };
    mail(tx, scope, &invitation, &secret, public_url)?;
    record(tx, &scope.actor(actor_role), &invitation, Action::InvitationSent, Value::Null)?;
    Ok(if is_reissue { Invite::Reissued } else { Invite::Sent })
}

fn open_count(tx: &mut WriteTx, organization: &OrganizationId) -> Result<i64, DbError> {
    Ok(invitations::table
        .filter(invitations::organization_id.eq(organization))
        .filter(invitations::closed_at.is_null())
        .count()
        .get_result(tx.connection)?)
}

fn insert(tx: &mut WriteTx, scope: &Scope, email: &str, role: Role) -> Result<Option<(Invitation, Secret)>, DbError> {
    let secret = Secret::random();
    let invitation = Invitation {
        id: InvitationId::new(tx.now),
        organization_id: scope.organization_id().clone(),
        email: email.to_owned(),
        role,
        invited_by: scope.signed_in.user_id.clone(),
        sent_at: tx.now,
        expires_at: tx.now + LIFETIME,
    };
    let inserted = tx.savepoint(|connection| {
        diesel::insert_into(invitations::table)
            .values((
                invitations::id.eq(&invitation.id),
                invitations::organization_id.eq(&invitation.organization_id),
                invitations::email.eq(&invitation.email),
                invitations::role.eq(role),
                invitations::secret_hash.eq(secret.hash()),
                invitations::invited_by.eq(&invitation.invited_by),
                invitations::sent_at.eq(invitation.sent_at),
                invitations::expires_at.eq(invitation.expires_at),
                invitations::created_at.eq(invitation.sent_at),
                invitations::outcome.eq(None::<String>),
                invitations::closed_at.eq(None::<Timestamp>),
            ))
            .execute(connection)
    });
    match inserted {
        Ok(_) => {
            let entry = (Kind::Invitation, invitation.id.as_str());
            directory::add(tx, &invitation.organization_id, entry, role, "", email)?;
            Ok(Some((invitation, secret)))
        }
        Err(error) if is_unique(&error, "invitations", "live") || is_unique(&error, "invitations", "email") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A new secret and 15 new days for an open invitation, in the name of the actor.
fn renew(tx: &mut WriteTx, scope: &Scope, invitation: Invitation, role: Role) -> Result<(Invitation, Secret), DbError> {
    let secret = Secret::random();
    let renewed = Invitation {
        role,
        invited_by: scope.signed_in.user_id.clone(),
        sent_at: tx.now,
        expires_at: tx.now + LIFETIME,
        ..invitation
    };
    diesel::update(invitations::table.filter(invitations::id.eq(&renewed.id)))
        .set((
            invitations::role.eq(role),
            invitations::secret_hash.eq(secret.hash()),
            invitations::invited_by.eq(&renewed.invited_by),
            invitations::sent_at.eq(renewed.sent_at),
            invitations::expires_at.eq(renewed.expires_at),
        ))
        .execute(tx.connection)?;
    directory::set_role(tx, renewed.id.as_str(), role)?;
    Ok((renewed, secret))
}

fn mail(
    tx: &mut WriteTx,
    scope: &Scope,
    invitation: &Invitation,
    secret: &Secret,
    public_url: &str,
) -> Result<(), DbError> {
    let message = InvitationMail {
        organization: scope.organization.name.clone(),
        inviter: scope.signed_in.name(),
        inviter_email: scope.signed_in.email.clone(),
        role: invitation.role.to_string(),
        role_description: invitation.role.description().to_owned(),
        email: invitation.email.clone(),
        link: format!("{public_url}/invitations/{}", secret.as_str()),
        expires: exact(invitation.expires_at),
    };
    tx.send(&invitation.email, &message)
}

pub(super) fn record(
    tx: &mut WriteTx,
    actor: &Actor,
    invitation: &Invitation,
    action: Action,
    before: Value,
) -> Result<(), DbError> {
    let after = json!({ "email": invitation.email, "role": invitation.role.key() });
    tx.record(
        actor,
        Some(&invitation.organization_id),
        Change { action, subject_id: invitation.id.as_str(), subject_name: &invitation.email, before, after },
    )
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resend {
    Sent {
        email: String,
    },
    NotAllowed,
    /// Accepted, declined or withdrawn meanwhile, or never here.
    Gone,
    TooOften(TooOften),
}

/// Sends an open invitation again, expired or not: a new link, 15 new days, the old link dead.
pub fn resend(tx: &mut WriteTx, scope: &Scope, id: &InvitationId, public_url: &str) -> Result<Resend, DbError> {
    let Some(actor_role) = scope.lock(tx)? else {
        return Ok(Resend::NotAllowed);
    };
    let Some(invitation) = find(tx.connection, scope.organization_id(), id)? else {
        return Ok(Resend::Gone);
    };
    if !actor_role.may_give(invitation.role) {
        return Ok(Resend::NotAllowed);
    }
    if let Err(too_often) = tx.take(INVITATION_RESENT, id.as_str())? {
        return Ok(Resend::TooOften(too_often));
    }
    if let Err(too_often) = tx.take(INVITATIONS, scope.organization_id().as_str())? {
        return Ok(Resend::TooOften(too_often));
    }
    let role = invitation.role;
    let (invitation, secret) = renew(tx, scope, invitation, role)?;
    mail(tx, scope, &invitation, &secret, public_url)?;
    record(tx, &scope.actor(actor_role), &invitation, Action::InvitationResent, Value::Null)?;
    Ok(Resend::Sent { email: invitation.email })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdraw {
    Withdrawn { email: String },
    NotAllowed,
    Gone,
}

pub fn withdraw(tx: &mut WriteTx, scope: &Scope, id: &InvitationId) -> Result<Withdraw, DbError> {
    let Some(actor_role) = scope.lock(tx)? else {
        return Ok(Withdraw::NotAllowed);
    };
    let Some(invitation) = find(tx.connection, scope.organization_id(), id)? else {
        return Ok(Withdraw::Gone);
    };
    if !actor_role.may_give(invitation.role) {
        return Ok(Withdraw::NotAllowed);
    }
    close(tx, &invitation, "withdrawn")?;
    record(tx, &scope.actor(actor_role), &invitation, Action::InvitationWithdrawn, Value::Null)?;
    Ok(Withdraw::Withdrawn { email: invitation.email })
}

pub(super) fn close(tx: &mut WriteTx, invitation: &Invitation, outcome: &str) -> Result<(), DbError> {
    diesel::update(invitations::table.filter(invitations::id.eq(&invitation.id)))
        .set((invitations::outcome.eq(Some(outcome)), invitations::closed_at.eq(Some(tx.now))))
        .execute(tx.connection)?;
    directory::remove(tx, invitation.id.as_str())
}
