//! Accepting an offer, and declining it.

use serde_json::json;

use super::open::{self, Open, Sides};
use crate::access::{Person, Role, lock_organization};
use crate::accounts::users as accounts;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::OwnershipOfferId;
use crate::people::mail::{News, OwnershipAnswered};
use crate::people::{owner_news, roles};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepted {
        organization: String,
        slug: String,
    },
    Declined {
        organization: String,
    },
    /// It is somebody else's, unknown, answered, withdrawn, ended or expired.
    Gone,
}

/// Locks both accounts, so that neither is suspended meanwhile, then the Organization, and reads the offer as it is now.
fn locked(tx: &mut WriteTx, id: &OwnershipOfferId, person: &Person) -> Result<Option<(Open, Sides)>, DbError> {
    let Some(seen) = open::find(tx.connection, id, &person.user_id)? else { return Ok(None) };
    // In the order of their ids, as everywhere: two who offer each other something do not wait for each other.
    let mut both = [&seen.offered_by, &seen.offered_to];
    both.sort();
    for account in both {
        accounts::lock(tx, account)?;
    }
    lock_organization(tx, &seen.organization_id)?;
    let Some(open) = open::find(tx.connection, id, &person.user_id)? else { return Ok(None) };
    let sides = open::sides(tx.connection, &open, tx.now)?;
    Ok(sides.map(|sides| (open, sides)))
}

/// The person becomes Owner, and who offered it gets the role that they chose.
pub fn accept(tx: &mut WriteTx, id: &OwnershipOfferId, person: &Person) -> Result<Answer, DbError> {
    let Some((open, sides)) = locked(tx, id, person)? else { return Ok(Answer::Gone) };
    let by = close(tx, &open, &sides, person, Action::OwnershipAccepted)?;
    roles::swap(tx, by, &open.organization_id, &sides, open.role)?;
    tell(tx, &open, &sides, Some(open.role))?;
    let news =
        News::HandedOver { name: sides.to.name(), email: sides.to.email, from: sides.from.name(), role: open.role };
    owner_news::tell(tx, &open.organization_id, &news, &[&open.offered_by, &open.offered_to])?;
    Ok(Answer::Accepted { organization: open.organization, slug: open.slug })
}

pub fn decline(tx: &mut WriteTx, id: &OwnershipOfferId, person: &Person) -> Result<Answer, DbError> {
    let Some((open, sides)) = locked(tx, id, person)? else { return Ok(Answer::Gone) };
    close(tx, &open, &sides, person, Action::OwnershipDeclined)?;
    tell(tx, &open, &sides, None)?;
    Ok(Answer::Declined { organization: open.organization })
}

/// Removes what was answered, and records it. Answers who did it.
fn close<'a>(
    tx: &mut WriteTx,
    open: &'a Open,
    sides: &Sides,
    person: &'a Person,
    action: Action,
) -> Result<By<'a>, DbError> {
    open::forget(tx, &open.organization_id)?;
    let by = By::guest(person, Some(sides.to.role), &open.organization_id);
    let (subject_id, subject_name) = (open.offered_by.as_str(), &*sides.from.name());
    let owner = |email: &str| json!({ "owner": email });
    let before = owner(&sides.from.email);
    let after = if action == Action::OwnershipAccepted { owner(&sides.to.email) } else { before.clone() };
    tx.record(by, Change { action, subject_id, subject_name, before, after })?;
    Ok(by)
}

/// Tells who offered. `role` is what they are now, if it was accepted.
fn tell(tx: &mut WriteTx, open: &Open, Sides { from, to }: &Sides, role: Option<Role>) -> Result<(), DbError> {
    let message = OwnershipAnswered {
        first_name: from.first_name.clone(),
        organization: open.organization.clone(),
        by: to.name(),
        by_email: to.email.clone(),
        role,
        link: tx.context.links.to(&format!("/organizations/{}", open.slug)),
    };
    tx.send(&from.email, &message).map(drop)
}
