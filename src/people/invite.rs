//! Inviting, sending again and withdrawing.

use diesel::prelude::*;

use crate::access::{Role, Scope};
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::{InvitationId, RemovalBatchId};
use crate::limits::TooOften;
use crate::links::Links;
use crate::names::full_name;
use crate::people::blocks;
use crate::people::budget::Budget;
use crate::people::domains::AllowedDomains;
use crate::people::invitations::{self, Invitation, LIFETIME, MOST_OPEN, Outcome};
use crate::people::mail::InvitationMail;
use crate::people::removals::{self, Removal};
use crate::people::{counts, members};
use crate::rates::Limit;
use crate::schema::users;
use crate::secrets::Secret;
use crate::time::Timestamp;

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
    /// The address wants no invitations from this Organization.
    Blocked,
    /// The Owners let only addresses of these domains be invited.
    OtherDomain {
        allowed: AllowedDomains,
    },
    /// The actor may not give that role (any more).
    NotAllowed,
    /// The Organization has as many open invitations as it may have.
    TooManyOpen,
    /// The Organization, the actor or their network has sent as many as may be sent.
    TooOften(TooOften),
    /// The address was sent as many as it may be sent, by whomever.
    RecipientTooOften(TooOften),
    /// The form was cut short before.
    NotReached,
}

/// Invites addresses, each with its role, and answers for each in the same order.
pub fn invite(tx: &mut WriteTx, scope: &Scope, wanted: &[(String, Role)]) -> Result<Vec<Invite>, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(vec![Invite::NotAllowed; wanted.len()]);
    };
    let domains = AllowedDomains::of(tx.connection, scope.organization_id())?;
    let mut budget = Budget::take(tx, &scope, wanted.len())?;
    let mut open = counts::open_invitations(tx.connection, scope.organization_id())?;
    // In the order of the addresses: two transactions that count them crosswise would wait for each other.
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|at| &wanted[*at].0);
    let mut outcomes = vec![Invite::NotAllowed; wanted.len()];
    for at in order {
        let (email, role) = &wanted[at];
        // Who has none left is told so without another look at the database.
        outcomes[at] = match budget.refusal() {
            Some(too_often) => Invite::TooOften(too_often),
            None => invite_one(tx, &scope, email, *role, open, &domains)?,
        };
        match outcomes[at] {
            Invite::Sent => {
                budget.spend();
                open += 1;
            }
            Invite::Reissued => budget.spend(),
            _ => {}
        }
    }
    budget.give_back(tx)?;
    Ok(outcomes)
}

fn invite_one(
    tx: &mut WriteTx,
    scope: &Scope,
    email: &str,
    role: Role,
    open: i64,
    domains: &AllowedDomains,
) -> Result<Invite, DbError> {
    let organization = scope.organization_id();
    if !scope.may_give(role) {
        return Ok(Invite::NotAllowed);
    }
    if members::has_email(tx.connection, organization, email)? {
        return Ok(Invite::AlreadyMember);
    }
    if !domains.allow(email) {
        return Ok(Invite::OtherDomain { allowed: domains.clone() });
    }
    if blocks::is_blocked(tx.connection, organization, email)? {
        return Ok(Invite::Blocked);
    }
    let earlier = invitations::find_live(tx.connection, organization, email)?;
    match &earlier {
        Some(live) if !live.is_expired(tx.now) => return Ok(Invite::AlreadyInvited { until: live.expires_at }),
        // A Manager must not send out anew, with another role, what an Owner offered.
        Some(lapsed) if !scope.may_give(lapsed.role) => return Ok(Invite::NotAllowed),
        None if open >= MOST_OPEN => return Ok(Invite::TooManyOpen),
        _ => {}
    }
    if let Some(too_often) = tx.take(Limit::InvitationsRecipient, email)?.refusal() {
        return Ok(Invite::RecipientTooOften(too_often));
    }
    let (secret, outcome) = (Secret::random(), if earlier.is_some() { Invite::Reissued } else { Invite::Sent });
    let invitation = Invitation {
        id: earlier.map_or_else(|| InvitationId::new(tx.now), |lapsed| lapsed.id),
        organization_id: organization.clone(),
        email: email.to_owned(),
        role,
        invited_by: scope.person().user_id.clone(),
        sent_at: tx.now,
        expires_at: tx.now + LIFETIME,
    };
    if outcome == Invite::Reissued {
        invitations::renew(tx, &invitation, &secret)?;
    } else if invitations::insert(tx, &invitation, &secret)?.is_none() {
        // Another transaction was first; the lock makes that impossible within one program, the index for all.
        return Ok(Invite::AlreadyInvited { until: invitation.expires_at });
    }
    mail(tx, &Sender::acting(scope), &invitation, &secret)?;
    invitations::record(tx, By::member(scope), &invitation, Action::InvitationSent)?;
    Ok(outcome)
}

/// Who invites, and to which Organization, as the mail says it.
pub struct Sender {
    organization: String,
    name: String,
    email: String,
}

impl Sender {
    /// The actor.
    pub fn acting(scope: &Scope) -> Self {
        let (name, email) = (scope.person().name(), scope.person().email.clone());
        Self { organization: scope.membership.name.clone(), name, email }
    }

    /// Whoever sent this invitation last, whoever acts now.
    fn of(tx: &mut WriteTx, scope: &Scope, invitation: &Invitation) -> Result<Self, DbError> {
        let (first_name, last_name, email): (String, String, String) = users::table
            .filter(users::id.eq(&invitation.invited_by))
            .select((users::first_name, users::last_name, users::email))
            .first(tx.connection)?;
        Ok(Self { organization: scope.membership.name.clone(), name: full_name(&first_name, &last_name), email })
    }
}

/// The mail with an invitation. `secret` is the one in its links.
pub fn message(
    links: &Links,
    sender: &Sender,
    email: &str,
    role: Role,
    expires: Timestamp,
    secret: &str,
) -> InvitationMail {
    InvitationMail {
        organization: sender.organization.clone(),
        inviter: sender.name.clone(),
        inviter_email: sender.email.clone(),
        role,
        email: email.to_owned(),
        link: links.to(&format!("/invitations/{secret}")),
        block_link: links.to(&format!("/invitations/{secret}/block")),
        expires,
    }
}

fn mail(tx: &mut WriteTx, sender: &Sender, invitation: &Invitation, secret: &Secret) -> Result<(), DbError> {
    let Invitation { email, role, expires_at, .. } = invitation;
    let message = message(&tx.context.links, sender, email, *role, *expires_at, secret.as_str());
    let mail = tx.send(&invitation.email, &message)?;
    invitations::note_mail(tx, &invitation.id, &mail)
}

/// Mails an invitation whose mail was taken back before it left, as if it never had been: in the name of who sent it. Its link is
/// another one, since nobody has the one that did not leave; one that was shown goes on to work.
pub(super) fn mail_again(tx: &mut WriteTx, scope: &Scope, invitation: &Invitation) -> Result<(), DbError> {
    let secret = Secret::random();
    invitations::set_mailed_secret(tx, &invitation.id, &secret)?;
    let sender = Sender::of(tx, scope, invitation)?;
    mail(tx, &sender, invitation, &secret)
}

/// An open invitation that the actor may change.
pub(super) enum Found {
    Here(Box<Scope>, Invitation),
    NotAllowed,
    Gone,
}

/// Locks the Organization, then reads the invitation and the role of the actor as they are now.
pub(super) fn locked(tx: &mut WriteTx, scope: &Scope, id: &InvitationId) -> Result<Found, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(Found::NotAllowed);
    };
    Ok(match invitations::find(tx.connection, scope.organization_id(), id)? {
        None => Found::Gone,
        Some(invitation) if !scope.may_give(invitation.role) => Found::NotAllowed,
        Some(invitation) => Found::Here(Box::new(scope), invitation),
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resend {
    Sent {
        email: String,
    },
    NotAllowed,
    /// Accepted, declined or withdrawn meanwhile, or never here.
    Gone,
    /// The Owners let only addresses of these domains be invited.
    OtherDomain {
        email: String,
        allowed: AllowedDomains,
    },
    TooOften(TooOften),
}

/// Sends an open invitation again, expired or not: a new link, 15 new days, the old link dead.
pub fn resend(tx: &mut WriteTx, scope: &Scope, id: &InvitationId) -> Result<Resend, DbError> {
    let (scope, invitation) = match locked(tx, scope, id)? {
        Found::Here(scope, invitation) => (scope, invitation),
        Found::NotAllowed => return Ok(Resend::NotAllowed),
        Found::Gone => return Ok(Resend::Gone),
    };
    let allowed = AllowedDomains::of(tx.connection, scope.organization_id())?;
    if !allowed.allow(&invitation.email) {
        return Ok(Resend::OtherDomain { email: invitation.email, allowed });
    }
    let mut budget = Budget::take(tx, &scope, 1)?;
    let recipient =
        [(Limit::InvitationsRecipient, invitation.email.clone()), (Limit::InvitationResent, id.to_string())];
    let refusal = match budget.refusal() {
        Some(too_often) => Some(too_often),
        None => tx.take_each(&recipient)?.refusal(),
    };
    if let Some(too_often) = refusal {
        budget.give_back(tx)?;
        return Ok(Resend::TooOften(too_often));
    }
    budget.spend();
    let secret = Secret::random();
    let invited_by = scope.person().user_id.clone();
    let renewed = Invitation { invited_by, sent_at: tx.now, expires_at: tx.now + LIFETIME, ..invitation };
    invitations::renew(tx, &renewed, &secret)?;
    mail(tx, &Sender::acting(&scope), &renewed, &secret)?;
    invitations::record(tx, By::member(&scope), &renewed, Action::InvitationResent)?;
    Ok(Resend::Sent { email: renewed.email })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdraw {
    Withdrawn { email: String },
    NotAllowed,
    Gone,
}

/// Closes an open invitation: its link is dead, and a mail that has not left does not.
pub fn withdraw(
    tx: &mut WriteTx,
    scope: &Scope,
    id: &InvitationId,
    batch: &RemovalBatchId,
) -> Result<Withdraw, DbError> {
    let (scope, invitation) = match locked(tx, scope, id)? {
        Found::Here(scope, invitation) => (scope, invitation),
        Found::NotAllowed => return Ok(Withdraw::NotAllowed),
        Found::Gone => return Ok(Withdraw::Gone),
    };
    invitations::close(tx, &invitation, Outcome::Withdrawn)?;
    let mail = match invitations::mail_of(tx.connection, &invitation.id)? {
        Some(mail) if tx.unsend(&mail)? => Some(mail),
        _ => None,
    };
    removals::note(tx, &scope, batch, Removal::of_invitation(&invitation.id, invitation.role, mail))?;
    invitations::record(tx, By::member(&scope), &invitation, Action::InvitationWithdrawn)?;
    Ok(Withdraw::Withdrawn { email: invitation.email })
}
