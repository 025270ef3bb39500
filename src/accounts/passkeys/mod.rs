//! Passkeys: key pairs on a device of the holder, each of which signs in by itself.
//!
//! * The device verifies who uses it (finger, face, PIN) when a passkey is made and each time that it is used, and finds it by the
//!   portal's name alone. So it is two factors, and no address is typed. It can also follow a password ([`second_step`]), and confirm who
//!   somebody is who signed in a while ago ([`confirm`]).
//! * A passkey belongs to the name of the portal in its public URL. A portal that is reached by a number has none; one on the machine
//!   itself is called `localhost`.
//! * A question is sealed, goes with the form and comes back with the answer. It is good for ten minutes and for one answer, whether that
//!   was right or not; one that makes a passkey for the account that asked alone, and one that names whose it must be for what it opens.
//! * The counter of a passkey must grow where it has one: if it does not, there is a copy of it, and it is refused.

mod answers;
mod changes;
pub mod confirm;
mod prove;
mod relying_party;
pub mod second_step;
mod sign_in;

use diesel::prelude::*;
use serde::Deserialize;

pub use answers::PURGE;
pub use changes::{Add, MOST, Remove, add, remove, remove_all, remove_since, rename};
use prove::{Proof, Proven, prove};
pub use prove::{Refusal, Whose};
pub use relying_party::{Question, RelyingParty};
pub use sign_in::{SignIn, sign_in};

use crate::db::{Connection, DbError};
use crate::ids::{PasskeyId, UserId};
use crate::schema::passkeys;
use crate::time::Timestamp;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 60;

/// What a form brings back: the question that it was, and what the browser answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Answer {
    pub question: String,
    pub answer: String,
}

/// A passkey as its holder sees it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = passkeys)]
pub struct Listed {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// Those of a user, the oldest first.
pub fn of_user(connection: &mut Connection, user: &UserId) -> Result<Vec<Listed>, DbError> {
    let theirs = passkeys::table.filter(passkeys::user_id.eq(user)).order(passkeys::id);
    Ok(theirs.select(Listed::as_select()).load(connection)?)
}

pub fn count(connection: &mut Connection, user: &UserId) -> Result<i64, DbError> {
    Ok(passkeys::table.filter(passkeys::user_id.eq(user)).count().get_result(connection)?)
}

pub fn find(connection: &mut Connection, user: &UserId, id: &PasskeyId) -> Result<Option<Listed>, DbError> {
    let one = passkeys::table.filter(passkeys::id.eq(id)).filter(passkeys::user_id.eq(user));
    Ok(one.select(Listed::as_select()).first(connection).optional()?)
}

/// What browsers know those of a user by.
pub fn credential_ids(connection: &mut Connection, user: &UserId) -> Result<Vec<String>, DbError> {
    let theirs = passkeys::table.filter(passkeys::user_id.eq(user)).order(passkeys::id);
    Ok(theirs.select(passkeys::credential_id).load(connection)?)
}
