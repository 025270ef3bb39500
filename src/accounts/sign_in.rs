//! Signing in with a password, around the check of the password itself, which takes long and happens between two transactions.

use crate::accounts::sessions::{self, Browser};
use crate::accounts::users::{self, Credentials};
use crate::db::{DbError, WriteTx};
use crate::limits::{Limit, SIGN_IN_ACCOUNT, SIGN_IN_NETWORK, TooOften};
use crate::secrets::Secret;

/// The limits that an attempt takes.
pub fn limits<'a>(network: &'a str, email: &'a str) -> [(Limit, &'a str); 2] {
    [(SIGN_IN_NETWORK, network), (SIGN_IN_ACCOUNT, email)]
}

pub enum Attempt {
    /// It was counted. The account to check the password of, or `None` for an address without one.
    Counted(Option<Credentials>),
    TooOften(TooOften),
}

/// Counts an attempt before the password is looked at, so that many at once cannot try more than the limit.
pub fn count(tx: &mut WriteTx, network: &str, email: &str) -> Result<Attempt, DbError> {
    match tx.take_each(&limits(network, email))?.refusal() {
        Some(too_often) => Ok(Attempt::TooOften(too_often)),
        None => Ok(Attempt::Counted(users::credentials(tx.connection, email)?)),
    }
}

pub enum Finish {
    /// The secret of the new session.
    SignedIn(Secret),
    /// The password was changed while it was being checked.
    Outdated,
    /// An operator keeps this person out. Only who knows the password is told.
    Suspended,
}

/// Signs in somebody whose password was right: the attempt does not count, and a session begins. `new_hash` is stored in place of the one that was checked.
pub fn finish(
    tx: &mut WriteTx,
    network: &str,
    email: &str,
    checked: &Credentials,
    new_hash: Option<&str>,
    browser: &Browser,
) -> Result<Finish, DbError> {
    users::lock(tx, &checked.id)?;
    let current = users::credentials(tx.connection, email)?;
    let Some(current) = current.filter(|current| current.password_hash == checked.password_hash) else {
        return Ok(Finish::Outdated);
    };
    if current.suspended_at.is_some() {
        return Ok(Finish::Suspended);
    }
    if let Some(hash) = new_hash {
        users::set_password_hash(tx, &checked.id, hash)?;
    }
    tx.give_back(SIGN_IN_NETWORK, network, 1)?;
    tx.forget(SIGN_IN_ACCOUNT, email)?;
    sessions::start(tx, &checked.id, browser).map(Finish::SignedIn)
}
