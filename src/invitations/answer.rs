//! Invitations as the invited person sees them: what is offered, accepting and declining.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::Role;
use crate::audit::{Action, Actor};
use crate::db::{Connection, DbError, Timestamp, WriteTx};
use crate::ids::{InvitationId, OrganizationId, UserId};
use crate::invitations::model::{COLUMNS, Invitation, Row, close, record};
use crate::people::model as people;
use crate::schema::{invitations, memberships, organizations, users};
use crate::secrets::Secret;

/// What names an invitation when it is answered: its link, or its place on the Home of the person invited.
#[derive(Clone, Debug)]
pub enum Key {
    Link(Secret),
    Id(InvitationId),
}

/// An invitation as the invited person sees it.
#[derive(Clone, Debug)]
pub struct Offer {
    pub invitation: Invitation,
    pub organization: String,
    pub slug: String,
    pub inviter: String,
}

/// The open invitation behind a key, expired or not: [`Invitation::is_expired`] must be asked.
pub fn offer(connection: &mut Connection, key: &Key) -> Result<Option<Offer>, DbError> {
    let query = invitations::table
        .inner_join(organizations::table)
        .inner_join(users::table)
        .filter(invitations::closed_at.is_null())
        .select((COLUMNS, organizations::name, organizations::slug, users::first_name, users::last_name));
    type OfferRow = (Row, String, String, String, String);
    let row: Option<OfferRow> = match key {
        Key::Link(secret) => query.filter(invitations::secret_hash.eq(secret.hash())).first(connection),
        Key::Id(id) => query.filter(invitations::id.eq(id)).first(connection),
    }
    .optional()?;
    Ok(row.map(offer_of))
}

fn offer_of((row, organization, slug, first_name, last_name): (Row, String, String, String, String)) -> Offer {
    Offer { invitation: row.into(), organization, slug, inviter: format!("{first_name} {last_name}") }
}

/// How many waiting invitations Home shows.
const HOME_INVITATIONS: i64 = 20;

/// The invitations that wait for the holder of an address, soonest to expire first.
pub fn waiting_for(connection: &mut Connection, email: &str, now: Timestamp) -> Result<Vec<Offer>, DbError> {
    let rows: Vec<(Row, String, String, String, String)> = invitations::table
        .inner_join(organizations::table)
        .inner_join(users::table)
        .filter(invitations::email.eq(email))
        .filter(invitations::closed_at.is_null())
        .filter(invitations::expires_at.gt(now))
        .order(invitations::expires_at)
        .limit(HOME_INVITATIONS)
        .select((COLUMNS, organizations::name, organizations::slug, users::first_name, users::last_name))
        .load(connection)?;
    Ok(rows.into_iter().map(offer_of).collect())
}

/// Who answers an invitation.
#[derive(Clone, Debug)]
pub struct Invitee {
    pub user_id: UserId,
    /// The verified address of the account.
    pub email: String,
    pub name: String,
    pub address: String,
}

impl Invitee {
    fn actor(&self, role: Option<Role>) -> Actor {
        Actor { id: self.user_id.clone(), name: self.name.clone(), role, address: self.address.clone() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Joined {
        organization: String,
        slug: String,
    },
    /// Is one of the people already; the invitation is used up, the role stays.
    AlreadyMember {
        organization: String,
        slug: String,
    },
    Declined {
        organization: String,
    },
    /// Unknown, used, withdrawn or expired.
    Unusable,
    /// The invitation is for another address; it stays.
    WrongAccount,
    /// Who invited could not give that role any more; the invitation stays.
    InviterLostRank {
        organization: String,
    },
}

/// Locks the Organization, then reads the invitation as it is now.
fn locked_offer(tx: &mut WriteTx, key: &Key) -> Result<Option<Offer>, DbError> {
    let Some(seen) = offer(tx.connection, key)? else {
        return Ok(None);
    };
    tx.lock_organization(&seen.invitation.organization_id)?;
    let now = tx.now;
    Ok(offer(tx.connection, key)?.filter(|offer| !offer.invitation.is_expired(now)))
}

pub fn accept(tx: &mut WriteTx, key: &Key, invitee: &Invitee) -> Result<Answer, DbError> {
    let Some(Offer { invitation, organization, slug, inviter }) = locked_offer(tx, key)? else {
        return Ok(accepted_before(tx.connection, key, invitee)?.unwrap_or(Answer::Unusable));
    };
    if invitation.email != invitee.email {
        return Ok(Answer::WrongAccount);
    }
    let inviter_role = role_of(tx.connection, &invitation.organization_id, &invitation.invited_by)?;
    if !inviter_role.is_some_and(|role| role.may_give(invitation.role)) {
        return Ok(Answer::InviterLostRank { organization });
    }
    let has_joined = people::join(tx, &invitation.organization_id, &invitee.user_id, invitation.role, &inviter)?;
    close(tx, &invitation, "accepted")?;
    // Of somebody who is a member already the role stays, and so it is the one to record.
    let role = role_of(tx.connection, &invitation.organization_id, &invitee.user_id)?;
    record(tx, &invitee.actor(role), &invitation, Action::InvitationAccepted, Value::Null)?;
    if !has_joined {
        return Ok(Answer::AlreadyMember { organization, slug });
    }
    Ok(Answer::Joined { organization, slug })
}

fn role_of(connection: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Option<Role>, DbError> {
    Ok(memberships::table
        .filter(memberships::organization_id.eq(organization))
        .filter(memberships::user_id.eq(user))
        .select(memberships::role)
        .first(connection)
        .optional()?)
}

/// The second click on "Accept": who is in the Organization and has used this very invitation is led there. To everybody else a
/// used invitation is as good as none.
fn accepted_before(connection: &mut Connection, key: &Key, invitee: &Invitee) -> Result<Option<Answer>, DbError> {
    let query = invitations::table
        .inner_join(organizations::table.inner_join(memberships::table))
        .filter(invitations::outcome.eq("accepted"))
        .filter(invitations::email.eq(&invitee.email))
        .filter(memberships::user_id.eq(&invitee.user_id))
        .select((organizations::name, organizations::slug));
    let found: Option<(String, String)> = match key {
        Key::Link(secret) => query.filter(invitations::secret_hash.eq(secret.hash())).first(connection),
        Key::Id(id) => query.filter(invitations::id.eq(id)).first(connection),
    }
    .optional()?;
    Ok(found.map(|(organization, slug)| Answer::AlreadyMember { organization, slug }))
}

pub fn decline(tx: &mut WriteTx, key: &Key, invitee: &Invitee) -> Result<Answer, DbError> {
    let Some(Offer { invitation, organization, .. }) = locked_offer(tx, key)? else {
        return Ok(Answer::Unusable);
    };
    if invitation.email != invitee.email {
        return Ok(Answer::WrongAccount);
    }
    close(tx, &invitation, "declined")?;
    record(tx, &invitee.actor(None), &invitation, Action::InvitationDeclined, Value::Null)?;
    Ok(Answer::Declined { organization })
}
