//! Giving an account the address that it asked for and that is proven by the link mailed there. The lists of people in which its holder
//! stands are found by their address, so they change with it.

use diesel::prelude::*;
use serde_json::json;

use crate::access::Person;
use crate::accounts::mail::EmailChanged;
use crate::accounts::{deletions, email_changes, resets, users as accounts};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx, is_unique};
use crate::people::directory;
use crate::schema::{sign_ups, users};
use crate::secrets::Secret;

/// Makes the change behind a link, and tells the old address. Answers the new one; `None` where the link does not work, or somebody
/// else has the address by now.
pub fn confirm(tx: &mut WriteTx, person: &Person, secret: &Secret) -> Result<Option<String>, DbError> {
    let now = tx.now;
    if !accounts::lock_active(tx, &person.user_id)? {
        return Ok(None);
    }
    let Some(pending) = email_changes::find(tx.connection, &person.user_id, secret, now)? else { return Ok(None) };
    let (old, new) = (pending.old_email, pending.new_email);
    email_changes::cancel(tx, &person.user_id)?;
    let switched = tx.savepoint(|connection| {
        diesel::update(users::table.filter(users::id.eq(&person.user_id)))
            .set((users::email.eq(&new), users::updated_at.eq(now)))
            .execute(connection)
    });
    match switched {
        Ok(_) => {}
        Err(error) if is_unique(&error, "users_email", "users.email") => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Whoever signed up with this address meanwhile and did not confirm it has nothing there any more.
    diesel::delete(sign_ups::table.filter(sign_ups::email.eq(&new))).execute(tx.connection)?;
    resets::void_all(tx, &person.user_id)?;
    deletions::end_link(tx, &person.user_id)?;
    directory::set_holder(tx, &person.user_id)?;
    let notice =
        EmailChanged { first_name: person.first_name.clone(), new_email: new.clone(), at: now, ip: person.ip.clone() };
    tx.send(&old, &notice)?;
    let (subject_id, subject_name) = (person.user_id.as_str(), &*person.name());
    let (before, after) = (json!({ "email": old }), json!({ "email": new }));
    tx.record(By::holder(person), Change { action: Action::EmailChanged, subject_id, subject_name, before, after })?;
    Ok(Some(new))
}
