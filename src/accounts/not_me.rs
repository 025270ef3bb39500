//! "This was not me": what the link in the mail about a new browser does. Whoever signed in there knows the password, so ending that
//! session alone would help for a minute: every session ends, the password opens nothing any more, passkeys and a second factor that
//! were added since are gone, and a link to choose another password is on its way. The link itself opens nothing: it only takes away.

use serde_json::json;

use crate::access::Person;
use crate::accounts::sign_in_notices::{self, Told};
use crate::accounts::{deletions, email_changes, passkeys, resets, sessions, two_factor, users};
use crate::audit::Action;
use crate::db::{DbError, WriteTx};
use crate::secrets::Secret;

/// Does it, and answers the address that the link to a new password went to. `closed` is the hash of a password that nobody knows.
/// `None` when the link was used or ran out meanwhile.
pub fn disown(tx: &mut WriteTx, secret: &Secret, closed: &str, ip: &str) -> Result<Option<String>, DbError> {
    let now = tx.now;
    let Some(seen) = sign_in_notices::find(tx.connection, secret, now)? else { return Ok(None) };
    users::lock(tx, &seen.user_id)?;
    let Some(told) = sign_in_notices::find(tx.connection, secret, now)? else { return Ok(None) };
    let Told { user_id, email, first_name, last_name, at, .. } = told;
    passkeys::remove_since(tx, &user_id, at)?;
    two_factor::remove_since(tx, &user_id, at)?;
    sign_in_notices::void_all(tx, &user_id)?;
    resets::void_all(tx, &user_id)?;
    email_changes::cancel(tx, &user_id)?;
    let ended = sessions::end_all(tx, &user_id)?;
    users::set_password_hash(tx, &user_id, closed)?;
    let target = resets::Target { user_id, email, first_name, last_name };
    resets::mail_link(tx, &target)?;
    let resets::Target { user_id, email, first_name, last_name } = target;
    let holder = Person { user_id, email, first_name, last_name, ip: ip.to_owned() };
    users::record(tx, &holder, Action::SignInDisowned, json!({ "sessions": ended }))?;
    deletions::end_with_password(tx, &holder)?;
    Ok(Some(holder.email))
}
