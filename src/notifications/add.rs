//! Adding an address, and asking whoever receives its mails.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Permission, Scope};
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::RecipientId;
use crate::limits::TooOften;
use crate::network::network_of;
use crate::notifications::audience::Addressee;
use crate::notifications::kinds::{Kinds, Occasion};
use crate::notifications::mail::Confirmation;
use crate::notifications::owners::owners;
use crate::notifications::recipients::{self, MOST, NewRecipient, json, record};
use crate::notifications::send::{About, send};
use crate::people::{blocks, members};
use crate::rates::Limit;
use crate::schema::notification_recipients as rows;
use crate::secrets::Secret;
use crate::time::Timestamp;

/// How long the link that confirms an address works.
pub const LIFETIME: Duration = Duration::days(15);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Add {
    /// A mail asks whoever receives it to confirm.
    Asked,
    /// The address of a person of the Organization, which is known.
    Added,
    Already,
    /// Owners hear of everything, and choose themselves.
    IsOwner,
    /// The address wants no mails that people of this Organization cause.
    Blocked,
    TooMany,
    TooOften(TooOften),
    /// The address was asked as often as it may be, by whomever.
    RecipientTooOften(TooOften),
    NotAllowed,
}

/// Adds an address that hears of some kinds.
pub fn add(tx: &mut WriteTx, scope: &Scope, email: &str, kinds: Kinds) -> Result<Add, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(Add::NotAllowed) };
    let organization = scope.organization_id();
    if owners(tx.connection, organization)?.iter().any(|owner| owner.email == email) {
        return Ok(Add::IsOwner);
    }
    let earlier = recipients::by_email(tx.connection, organization, email)?;
    if earlier.as_ref().is_some_and(|earlier| earlier.removed_at.is_none()) {
        return Ok(Add::Already);
    }
    if recipients::all(tx.connection, organization)?.len() >= MOST {
        return Ok(Add::TooMany);
    }
    // Who is kept although they were removed has unsubscribed.
    let is_known = earlier.is_none() && members::has_email(tx.connection, organization, email)?;
    if !is_known {
        if blocks::is_blocked(tx.connection, organization, email)? {
            return Ok(Add::Blocked);
        }
        match may_ask(tx, &scope, email, earlier.is_some())? {
            Ask::Yes => {}
            Ask::TooOften(too_often) => return Ok(Add::TooOften(too_often)),
            Ask::RecipientTooOften(too_often) => return Ok(Add::RecipientTooOften(too_often)),
        }
    }
    let id = match earlier {
        Some(earlier) => {
            let removed = rows::table.filter(rows::id.eq(&earlier.id));
            diesel::update(removed).set((kinds, rows::removed_at.eq(None::<Timestamp>))).execute(tx.connection)?;
            earlier.id
        }
        None => {
            let id = RecipientId::new(tx.now);
            let (created_at, organization_id) = (tx.now, organization);
            let (unsubscribed_at, removed_at) = (None, None);
            NewRecipient { id: &id, organization_id, email, kinds, created_at, unsubscribed_at, removed_at }
                .store(tx)?;
            id
        }
    };
    record(tx, By::member(&scope), (&id, email), Action::RecipientAdded, (Value::Null, json(kinds)))?;
    if is_known {
        return Ok(Add::Added);
    }
    ask(tx, &scope, &id, email, kinds)?;
    Ok(Add::Asked)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskAgain {
    Asked {
        email: String,
    },
    /// It gets mails already.
    Active,
    Blocked,
    TooOften(TooOften),
    RecipientTooOften(TooOften),
    NotAllowed,
    Gone,
}

/// Asks again: another link, 15 new days, the old link dead.
pub fn ask_again(tx: &mut WriteTx, scope: &Scope, id: &RecipientId) -> Result<AskAgain, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(AskAgain::NotAllowed) };
    let Some(found) = recipients::find(tx.connection, scope.organization_id(), id)? else {
        return Ok(AskAgain::Gone);
    };
    if found.is_active() {
        return Ok(AskAgain::Active);
    }
    if blocks::is_blocked(tx.connection, scope.organization_id(), &found.email)? {
        return Ok(AskAgain::Blocked);
    }
    match may_ask(tx, &scope, &found.email, found.unsubscribed_at.is_some())? {
        Ask::Yes => {}
        Ask::TooOften(too_often) => return Ok(AskAgain::TooOften(too_often)),
        Ask::RecipientTooOften(too_often) => return Ok(AskAgain::RecipientTooOften(too_often)),
    }
    ask(tx, &scope, id, &found.email, found.kinds)?;
    let nothing = (Value::Null, Value::Null);
    record(tx, By::member(&scope), (id, &found.email), Action::RecipientAskedAgain, nothing)?;
    Ok(AskAgain::Asked { email: found.email })
}

enum Ask {
    Yes,
    TooOften(TooOften),
    RecipientTooOften(TooOften),
}

/// Whether one more mail may ask this address, and counts it.
fn may_ask(tx: &mut WriteTx, scope: &Scope, email: &str, has_unsubscribed: bool) -> Result<Ask, DbError> {
    let organization = scope.organization_id().to_string();
    let askers = [
        (Limit::ConfirmationsNetwork, network_of(&scope.person().ip)),
        (Limit::ConfirmationsAccount, scope.person().user_id.to_string()),
        (Limit::ConfirmationsOrganization, organization.clone()),
    ];
    if let Some(too_often) = tx.take_each(&askers)?.refusal() {
        return Ok(Ask::TooOften(too_often));
    }
    let mut asked = vec![(Limit::ConfirmationsRecipient, email.to_owned())];
    if has_unsubscribed {
        asked.push((Limit::ConfirmationsUnsubscribed, format!("{organization} {email}")));
    }
    Ok(tx.take_each(&asked)?.refusal().map_or(Ask::Yes, Ask::RecipientTooOften))
}

fn ask(tx: &mut WriteTx, scope: &Scope, id: &RecipientId, email: &str, kinds: Kinds) -> Result<(), DbError> {
    let (secret, expires) = (Secret::random(), tx.now + LIFETIME);
    diesel::update(rows::table.filter(rows::id.eq(id)))
        .set((rows::secret_hash.eq(Some(secret.hash())), rows::confirm_until.eq(Some(expires))))
        .execute(tx.connection)?;
    let membership = &scope.membership;
    let about =
        About { id: membership.organization_id.clone(), name: membership.name.clone(), slug: membership.slug.clone() };
    let link = tx.context.links.to(&format!("/notifications/confirm/{}", secret.as_str()));
    let (by, by_email) = (scope.person().name(), scope.person().email.clone());
    let to = Addressee { email: email.to_owned(), first_name: String::new(), owner: None };
    send(tx, &about, Occasion::Confirmation, &to, |reader, unsubscribe_link| Confirmation {
        organization: reader.organization,
        by,
        by_email,
        email: email.to_owned(),
        kinds,
        link,
        expires,
        unsubscribe_link,
    })
}
