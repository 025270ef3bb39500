//! Choosing a new password while signed in, with the one that the account has. Every session ends, and this browser gets another
//! one; links to a new password or to a new address are void.

use serde_json::Value;

use crate::access::SignedIn;
use crate::accounts::mail::PasswordChanged;
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::sign_in::Settled;
use crate::accounts::users::{self, Credentials};
use crate::accounts::{deletions, email_changes, resets, sign_in, user_agent};
use crate::audit::Action;
use crate::db::{DbError, WriteTx};

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
    let settled = sign_in::settle(tx, &person.email, checked, None, browser)?;
    let is_as_checked = matches!(settled, Settled::Valid { .. });
    if !is_as_checked || !sessions::is_live(tx.connection, &signed_in.session_id, now)? {
        return Ok(Finish::Outdated);
    }
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
