//! Choosing a new password while signed in, with the one that the account has. Every session ends, and this browser gets another
//! one; links to a new password or to a new address are void.

use serde_json::Value;

use crate::access::SignedIn;
use crate::accounts::mail::PasswordChanged;
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::users::{self, Credentials};
use crate::accounts::{deletions, email_changes, resets, sign_in, user_agent};
use crate::audit::Action;
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::limits::{Allowance, TooOften};
use crate::rates::Limit;

pub enum Attempt {
    /// What to check the password against.
    Counted(Credentials),
    TooOften(TooOften),
    /// The session or the account has ended meanwhile.
    SignedOut,
}

/// Counts a try with the password that the account has, before it is looked at: whoever has somebody's session must not guess it.
pub fn count(tx: &mut WriteTx, signed_in: &SignedIn) -> Result<Attempt, DbError> {
    if let Allowance::Refused(too_often) = tx.take(Limit::OwnPassword, signed_in.person.user_id.as_str())? {
        return Ok(Attempt::TooOften(too_often));
    }
    let known = users::credentials(tx.connection, &signed_in.person.email)?;
    Ok(known.filter(|known| known.id == signed_in.person.user_id).map_or(Attempt::SignedOut, Attempt::Counted))
}

/// Gives back the try of somebody whose password was right.
pub fn was_right(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    tx.give_back(Limit::OwnPassword, user.as_str(), 1)
}

pub enum Finish {
    Changed(Started),
    /// The password was changed, or the session ended, while the password was being checked.
    Outdated,
}

/// Sets the new password of somebody whose old one was right, and tells them.
pub fn finish(
    tx: &mut WriteTx,
    signed_in: &SignedIn,
    checked: &Credentials,
    new_hash: &str,
    browser: &Browser,
) -> Result<Finish, DbError> {
    let (person, now) = (&signed_in.person, tx.now);
    users::lock(tx, &person.user_id)?;
    let current = users::credentials(tx.connection, &person.email)?;
    let is_as_checked = current.is_some_and(|current| {
        current.id == checked.id && current.password_hash == checked.password_hash && current.suspended_at.is_none()
    });
    if !is_as_checked || !sessions::is_live(tx.connection, &signed_in.session_id, now)? {
        return Ok(Finish::Outdated);
    }
    was_right(tx, &person.user_id)?;
    users::set_password_hash(tx, &person.user_id, new_hash)?;
    resets::void_all(tx, &person.user_id)?;
    email_changes::cancel(tx, &person.user_id)?;
    sign_in::forget_guesses(tx, &person.email, &person.user_id, &browser.ip)?;
    let started = sessions::start_anew(tx, &person.user_id, browser)?;
    let notice = PasswordChanged {
        first_name: person.first_name.clone(),
        at: now,
        ip: browser.ip.clone(),
        browser: user_agent::words(&browser.user_agent),
        was_reset: false,
        forgot_link: tx.context.links.to("/forgot-password"),
    };
    tx.send(&person.email, &notice)?;
    users::record(tx, person, Action::PasswordChanged, Value::Null)?;
    deletions::end_with_password(tx, person)?;
    Ok(Finish::Changed(started))
}
