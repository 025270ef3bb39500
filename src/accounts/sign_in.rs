//! Signing in with a password, around the check of the password itself, which takes long and happens between two transactions.

use crate::accounts::sessions::{self, Browser};
use crate::accounts::users::{self, Credentials};
use crate::db::{DbError, WriteTx};
use crate::limits::TooOften;
use crate::rates::Limit;
use crate::secrets::Secret;

/// The limits that an attempt takes.
pub fn limits(network: &str, email: &str) -> [(Limit, String); 2] {
    [(Limit::SignInNetwork, network.to_owned()), (Limit::SignInAccount, email.to_owned())]
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

/// Signs in somebody whose password was right: the attempt does not count, and a session begins. `None` where the password was
/// changed while it was being checked. `new_hash` is stored in place of the one that was checked.
pub fn finish(
    tx: &mut WriteTx,
    network: &str,
    email: &str,
    checked: &Credentials,
    new_hash: Option<&str>,
    browser: &Browser,
) -> Result<Option<Secret>, DbError> {
    users::lock(tx, &checked.id)?;
    let current = users::credentials(tx.connection, email)?;
    if current.is_none_or(|current| current.password_hash != checked.password_hash) {
        return Ok(None);
    }
    if let Some(hash) = new_hash {
        users::set_password_hash(tx, &checked.id, hash)?;
    }
    tx.give_back(Limit::SignInNetwork, network, 1)?;
    tx.forget(Limit::SignInAccount, email)?;
    sessions::start(tx, &checked.id, browser).map(Some)
}
