//! Invitations as the invited person sees them: what is offered, accepting and declining.

use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::access::{Membership, Person, Recipient, joined_organizations, lock_organization, offered_organizations};
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::users::{self, NewUser};
use crate::audit::{Action, By};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{InvitationId, UserId};
use crate::names::full_name;
use crate::people::invitations::{self, Invitation, Outcome};
use crate::people::mail::News;
use crate::people::{members, owner_news};
use crate::schema::{invitations as rows, memberships, organizations, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// What names an invitation when it is answered: its link, or its place on the Home of the person invited.
#[derive(Clone, Debug)]
pub enum Key {
    Link(Secret),
    Id(InvitationId),
}

/// An invitation as the invited person sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = rows)]
pub struct Offer {
    #[diesel(embed)]
    pub invitation: Invitation,
    #[diesel(select_expression = organizations::name)]
    pub organization: String,
    #[diesel(select_expression = organizations::slug)]
    pub slug: String,
    #[diesel(select_expression = user_rows::first_name)]
    inviter_first_name: String,
    #[diesel(select_expression = user_rows::last_name)]
    inviter_last_name: String,
    #[diesel(select_expression = organizations::logo_hash)]
    logo_hash: String,
    #[diesel(select_expression = rows::secret_hash)]
    mailed_hash: String,
}

impl Offer {
    pub fn inviter(&self) -> String {
        full_name(&self.inviter_first_name, &self.inviter_last_name)
    }

    /// Whether whoever has this key has the mail that went to the invited address. A link that was shown to who invited is none.
    pub fn was_mailed(&self, key: &Key) -> bool {
        matches!(key, Key::Link(secret) if secret.hash() == self.mailed_hash)
    }

    /// Whether the Organization has a logo.
    pub fn has_logo(&self) -> bool {
        !self.logo_hash.is_empty()
    }
}

/// The invitation with this secret in its mailed link, or in the one that was shown.
#[auto_type(no_type_alias)]
fn has_secret(secret: &Secret) -> _ {
    let (mailed, shown): (String, Option<String>) = (secret.hash(), Some(secret.hash()));
    rows::secret_hash.eq(mailed).or(rows::shown_hash.eq(shown))
}

/// The open invitation behind a key, expired or not: [`Invitation::is_expired`] must be asked.
pub fn find(connection: &mut Connection, key: &Key) -> Result<Option<Offer>, DbError> {
    let query = offered_organizations().select(Offer::as_select());
    Ok(match key {
        Key::Link(secret) => query.filter(has_secret(secret)).first(connection),
        Key::Id(id) => query.filter(rows::id.eq(id)).first(connection),
    }
    .optional()?)
}

/// How many waiting invitations Home shows at the most: more than one address is sent while they are valid.
const HOME_INVITATIONS: i64 = 200;

/// The invitations that wait for the holder of an address, those that were sent last first.
pub fn waiting_for(connection: &mut Connection, email: &str, now: Timestamp) -> Result<Vec<Offer>, DbError> {
    Ok(offered_organizations()
        .filter(rows::email.eq(email))
        .filter(rows::expires_at.gt(now))
        .order(rows::expires_at.desc())
        .limit(HOME_INVITATIONS)
        .select(Offer::as_select())
        .load(connection)?)
}

/// Whether an invitation waits for the holder of an address that can be accepted.
pub fn is_invited(connection: &mut Connection, email: &str, now: Timestamp) -> Result<bool, DbError> {
    for offer in waiting_for(connection, email, now)? {
        if can_still_give(connection, &offer.invitation)? {
            return Ok(true);
        }
    }
    Ok(false)
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
fn locked(tx: &mut WriteTx, key: &Key) -> Result<Option<Offer>, DbError> {
    let Some(seen) = find(tx.connection, key)? else {
        return Ok(None);
    };
    lock_organization(tx, &seen.invitation.organization_id)?;
    let now = tx.now;
    Ok(find(tx.connection, key)?.filter(|offer| !offer.invitation.is_expired(now)))
}

pub fn accept(tx: &mut WriteTx, key: &Key, invitee: &Person) -> Result<Answer, DbError> {
    // The account before the Organization, as everywhere. Who was suspended meanwhile joins nothing.
    if !users::lock_active(tx, &invitee.user_id)? {
        return Ok(Answer::Unusable);
    }
    let Some(offer) = locked(tx, key)? else {
        // The second click on "Accept".
        let joined = joined_by(tx.connection, key, invitee)?;
        return Ok(joined.map_or(Answer::Unusable, |membership| Answer::AlreadyMember {
            organization: membership.name,
            slug: membership.slug,
        }));
    };
    let inviter = offer.inviter();
    let Offer { invitation, organization, slug, .. } = offer;
    if invitation.email != invitee.email {
        return Ok(Answer::WrongAccount);
    }
    let organization_id = &invitation.organization_id;
    if !can_still_give(tx.connection, &invitation)? {
        return Ok(Answer::InviterLostRank { organization });
    }
    let has_joined = members::join(tx, organization_id, &invitee.user_id, invitation.role, &inviter)?;
    invitations::close(tx, &invitation, Outcome::Accepted)?;
    // Of somebody who is a member already the role stays, and so it is the one to record.
    let role = members::role_of(tx.connection, organization_id, &invitee.user_id)?;
    invitations::record(tx, By::guest(invitee, role, organization_id), &invitation, Action::InvitationAccepted)?;
    if !has_joined {
        return Ok(Answer::AlreadyMember { organization, slug });
    }
    let news = News::Accepted { name: invitee.name(), email: invitee.email.clone(), role: invitation.role };
    owner_news::tell(tx, organization_id, &news, &[&invitee.user_id])?;
    Ok(Answer::Joined { organization, slug })
}

/// Whether the inviter could give the role at this moment.
pub fn can_still_give(connection: &mut Connection, invitation: &Invitation) -> Result<bool, DbError> {
    let role = members::active_role_of(connection, &invitation.organization_id, &invitation.invited_by)?;
    Ok(role.is_some_and(|role| role.may_give(invitation.role)))
}

/// The membership of somebody who has used this very invitation and is still in the Organization. To everybody else a used invitation
/// is as good as none.
pub fn joined_by(connection: &mut Connection, key: &Key, invitee: &Person) -> Result<Option<Membership>, DbError> {
    let used = rows::table
        .filter(rows::outcome.eq(Outcome::Accepted))
        .filter(rows::email.eq(&invitee.email))
        .select(rows::organization_id);
    let query =
        joined_organizations().filter(memberships::user_id.eq(&invitee.user_id)).select(Membership::as_select());
    Ok(match key {
        Key::Link(secret) => {
            let used = used.filter(has_secret(secret));
            query.filter(memberships::organization_id.eq_any(used)).first(connection)
        }
        Key::Id(id) => {
            query.filter(memberships::organization_id.eq_any(used.filter(rows::id.eq(id)))).first(connection)
        }
    }
    .optional()?)
}

pub fn decline(tx: &mut WriteTx, key: &Key, invitee: &Person) -> Result<Answer, DbError> {
    let Some(Offer { invitation, organization, .. }) = locked(tx, key)? else {
        return Ok(Answer::Unusable);
    };
    if invitation.email != invitee.email {
        return Ok(Answer::WrongAccount);
    }
    let organization_id = &invitation.organization_id;
    close_declined(tx, By::guest(invitee, None, organization_id), &invitation, &[&invitee.user_id])?;
    Ok(Answer::Declined { organization })
}

/// The same by whoever has the mail. They may end all invitations of the Organization, too: see [`super::blocks`].
pub fn decline_by_mail(tx: &mut WriteTx, key: &Key, recipient: impl Fn(&str) -> Recipient) -> Result<Answer, DbError> {
    let Some(offer) = locked(tx, key)?.filter(|offer| offer.was_mailed(key)) else {
        return Ok(Answer::Unusable);
    };
    let Offer { invitation, organization, .. } = offer;
    let by = recipient(&invitation.email);
    close_declined(tx, By::recipient(&by, &invitation.organization_id), &invitation, &[])?;
    Ok(Answer::Declined { organization })
}

/// `who` declined, where they have an account.
fn close_declined(tx: &mut WriteTx, by: By<'_>, invitation: &Invitation, who: &[&UserId]) -> Result<(), DbError> {
    invitations::close(tx, invitation, Outcome::Declined)?;
    invitations::record(tx, by, invitation, Action::InvitationDeclined)?;
    let news = News::Declined { email: invitation.email.clone() };
    owner_news::tell(tx, &invitation.organization_id, &news, who)
}

pub enum SignUp {
    /// The account is there and its first session has begun; what came of the invitation is in the answer.
    Done { answer: Answer, session: Started },
    /// Somebody signed up with the address meanwhile.
    HasAccount,
    /// Withdrawn or used while the form was open: the link proves nothing any more, so there is no account.
    Unusable,
    /// The inviter could not give the role any more, and nobody gets an account without an invitation that works.
    NotInvited { organization: String },
}

/// Creates an account with the invited address, which the mailed link proves, accepts, and signs in. Where only `invited_only` people get
/// an account, the invitation must be one that can be accepted.
pub fn sign_up(
    tx: &mut WriteTx,
    key: &Key,
    new: &NewUser,
    browser: &Browser,
    invited_only: bool,
) -> Result<SignUp, DbError> {
    let Some(offer) = locked(tx, key)?.filter(|offer| offer.was_mailed(key) && offer.invitation.email == new.email)
    else {
        return Ok(SignUp::Unusable);
    };
    if invited_only && !can_still_give(tx.connection, &offer.invitation)? {
        return Ok(SignUp::NotInvited { organization: offer.organization });
    }
    let Some(person) = users::create(tx, new, &browser.ip)? else {
        return Ok(SignUp::HasAccount);
    };
    let answer = accept(tx, key, &person)?;
    let session = sessions::start(tx, &person.user_id, browser)?;
    Ok(SignUp::Done { answer, session })
}
