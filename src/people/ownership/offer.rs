//! Offering, and withdrawing an offer.

use serde_json::{Value, json};

use super::open;
use crate::access::{Permission, Role, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::OwnershipOfferId;
use crate::limits::TooOften;
use crate::people::mail::OwnershipOffered;
use crate::people::members;
use crate::rates::Limit;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    Offered {
        name: String,
    },
    /// Another offer is open.
    OtherOpen {
        name: String,
    },
    /// Nobody of the Organization has this address.
    Unknown,
    Oneself,
    AlreadyOwner {
        name: String,
    },
    Suspended {
        name: String,
    },
    TooOften(TooOften),
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// Offers the member with this address to become Owner instead of the actor, who is left with `role`, below that.
pub fn offer(tx: &mut WriteTx, scope: &Scope, email: &str, role: Role) -> Result<Offer, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::TransferOwnership)? else { return Ok(Offer::NotAllowed) };
    let (organization, from) = (scope.organization_id(), scope.person());
    let Some(to) = members::of_email(tx.connection, organization, email)? else { return Ok(Offer::Unknown) };
    let name = to.name();
    if to.user_id == from.user_id {
        return Ok(Offer::Oneself);
    }
    if to.role == Role::Owner {
        return Ok(Offer::AlreadyOwner { name });
    }
    if to.suspended_at.is_some() {
        return Ok(Offer::Suspended { name });
    }
    if let Some(other) = open::of_organization(tx.connection, organization)?
        && open::sides(tx.connection, &other, tx.now)?.is_some()
    {
        return Ok(Offer::OtherOpen { name: other.name() });
    }
    if let Some(too_often) = tx.take(Limit::OwnershipOffers, from.user_id.as_str())?.refusal() {
        return Ok(Offer::TooOften(too_often));
    }
    let id = open::store(tx, organization, &from.user_id, &to.user_id, role)?;
    let (action, subject_id) = (Action::OwnershipOffered, to.user_id.as_str());
    let (before, after) = (Value::Null, json!({ "email": to.email, "role": role.key() }));
    tx.record(By::member(&scope), Change { action, subject_id, subject_name: &name, before, after })?;
    let message = OwnershipOffered {
        first_name: to.first_name,
        organization: scope.membership.name.clone(),
        by: from.name(),
        by_email: from.email.clone(),
        role,
        link: tx.context.links.to(&format!("/home/ownership/{id}")),
        expires: tx.now + open::LIFETIME,
    };
    tx.send(&to.email, &message)?;
    Ok(Offer::Offered { name })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdraw {
    Withdrawn {
        name: String,
    },
    /// It was answered, withdrawn or ended meanwhile, or it has expired.
    Gone,
    NotAllowed,
}

/// Withdraws an offer, whichever Owner made it.
pub fn withdraw(tx: &mut WriteTx, scope: &Scope, id: &OwnershipOfferId) -> Result<Withdraw, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::TransferOwnership)? else { return Ok(Withdraw::NotAllowed) };
    let (found, now) = (open::of_organization(tx.connection, scope.organization_id())?, tx.now);
    let Some(open) = found.filter(|open| open.id == *id && !open.is_expired(now)) else { return Ok(Withdraw::Gone) };
    open::end(tx, By::member(&scope), &open)?;
    Ok(Withdraw::Withdrawn { name: open.name() })
}
