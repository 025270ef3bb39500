//! What the lists of people lose with an account that is deleted: its memberships, offers to hand Organizations over, and every invitation
//! of theirs and to them. The log tells each without name and address.

use diesel::prelude::*;

use crate::access::{Actor, lock_organization};
use crate::accounts::users::DELETED_NAME;
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::{MembershipId, OrganizationId, UserId};
use crate::people::invitations::{self, Invitation, Outcome};
use crate::people::members::{self, Member};
use crate::people::ownership::open;
use crate::people::removal;
use crate::schema::{activity, invitations as rows, memberships};

/// Locks every Organization that loses something, in the order of their ids. The account is locked: its holder joins no other one.
pub fn lock(tx: &mut WriteTx, user: &UserId, email: &str) -> Result<(), DbError> {
    let open = || rows::table.filter(rows::closed_at.is_null()).select(rows::organization_id);
    let joined = memberships::table.filter(memberships::user_id.eq(user)).select(memberships::organization_id);
    let mut organizations: Vec<OrganizationId> = joined.load(tx.connection)?;
    organizations.extend(open().filter(rows::invited_by.eq(user)).load::<OrganizationId>(tx.connection)?);
    organizations.extend(open().filter(rows::email.eq(email)).load::<OrganizationId>(tx.connection)?);
    organizations.sort();
    organizations.dedup();
    organizations.iter().try_for_each(|organization| lock_organization(tx, organization))
}

/// Takes all of it away. The caller holds the locks, and has asked [`super::owners::alone_in`]: that somebody is the last Owner of a closed
/// Organization keeps nobody. `names` are what they were called.
pub fn take_away(tx: &mut WriteTx, user: &UserId, email: &str, names: &[String]) -> Result<(), DbError> {
    end_memberships(tx, user)?;
    open::forget_all_of(tx, user)?;
    withdraw_invitations(tx, user)?;
    forget_invitations_to(tx, user, email)?;
    forget_inviter(tx, user, names)
}

fn end_memberships(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    let theirs = memberships::table.filter(memberships::user_id.eq(user)).order(memberships::organization_id);
    let found: Vec<(OrganizationId, MembershipId)> =
        theirs.select((memberships::organization_id, memberships::id)).load(tx.connection)?;
    for (organization, id) in found {
        let Some(member) = members::find(tx.connection, &organization, &id)? else { continue };
        let (first_name, last_name, email) = (DELETED_NAME.to_owned(), String::new(), String::new());
        let nameless = Member { first_name, last_name, email, ..member };
        removal::take_out(tx, By::outside(Actor::Job, &organization), &organization, &nameless, Action::MemberDeleted)?;
    }
    Ok(())
}

/// What they offered and nobody has answered. Nobody could accept it any more.
fn withdraw_invitations(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    let open = rows::table.filter(rows::invited_by.eq(user)).filter(rows::closed_at.is_null()).order(rows::id);
    let offered: Vec<Invitation> = open.select(Invitation::as_select()).load(tx.connection)?;
    for invitation in offered {
        if let Some(mail) = invitations::mail_of(tx.connection, &invitation.id)? {
            tx.unsend(&mail)?;
        }
        close(tx, &invitation, Outcome::Withdrawn, Action::InvitationWithdrawn)?;
    }
    Ok(())
}

/// What was offered to them. Open ones are declined; what they accepted once, with whatever address, goes too.
fn forget_invitations_to(tx: &mut WriteTx, user: &UserId, email: &str) -> Result<(), DbError> {
    let to_them = rows::table.filter(rows::email.eq(email));
    let open = to_them.filter(rows::closed_at.is_null()).order(rows::id);
    let waiting: Vec<Invitation> = open.select(Invitation::as_select()).load(tx.connection)?;
    for invitation in waiting {
        let nameless = Invitation { email: DELETED_NAME.to_owned(), ..invitation };
        close(tx, &nameless, Outcome::Declined, Action::InvitationDeclined)?;
    }
    diesel::delete(to_them).execute(tx.connection)?;
    let accepted = activity::table
        .filter(activity::actor_id.eq(user))
        .filter(activity::action.eq(Action::InvitationAccepted))
        .select(activity::subject_id);
    diesel::delete(rows::table.filter(rows::id.eq_any(accepted))).execute(tx.connection)?;
    Ok(())
}

fn close(tx: &mut WriteTx, invitation: &Invitation, outcome: Outcome, action: Action) -> Result<(), DbError> {
    invitations::close(tx, invitation, outcome)?;
    invitations::record(tx, By::outside(Actor::Job, &invitation.organization_id), invitation, action)
}

/// Their name beside the memberships of those whom they invited.
fn forget_inviter(tx: &mut WriteTx, user: &UserId, names: &[String]) -> Result<(), DbError> {
    let sent = rows::table.filter(rows::invited_by.eq(user)).select(rows::id);
    let invited = activity::table
        .filter(activity::subject_id.eq_any(sent))
        .filter(activity::action.eq(Action::InvitationAccepted))
        .select(activity::actor_id);
    let beside = memberships::table.filter(memberships::user_id.eq_any(invited));
    diesel::update(beside.filter(memberships::inviter_name.eq_any(names)))
        .set(memberships::inviter_name.eq(DELETED_NAME))
        .execute(tx.connection)?;
    Ok(())
}
