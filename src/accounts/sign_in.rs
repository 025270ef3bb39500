//! Signing in with a password, around the check of the password itself, which takes long and happens between two transactions.
//!
//! Wrong passwords are counted for the network that they come from, for the account and that network, and for the account from
//! anywhere; in a browser that the holder has signed in with before, for that browser alone (see [`KnownBrowser`]). A right one
//! gives back what it took and no more: if it emptied the counters, whoever guesses would see by them that somebody came.
//!
//! [`KnownBrowser`]: crate::accounts::known_browser::KnownBrowser

use diesel::prelude::*;

use crate::accounts::mail::PasswordGuessed;
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::two_factor::second_step::{self, Destination};
use crate::accounts::users::{self, Credentials};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::limits::{self, Allowance, TooOften};
use crate::network::network_of;
use crate::rates::{Limit, Limits};
use crate::schema::users as user_rows;
use crate::secrets::Secret;
use crate::time::Timestamp;

/// The limits that an attempt takes. `holder` is whose account it is, if it is anybody's.
fn taken_by(browser: &Browser, email: &str, holder: Option<&UserId>) -> Vec<(Limit, String)> {
    match holder.and_then(|holder| browser.own_limit(holder, Limit::SignInBrowser)) {
        Some(own) => vec![own],
        None => {
            let network = network_of(&browser.ip);
            let here = limits::of_each(email, &network);
            vec![
                (Limit::SignInNetwork, network),
                (Limit::SignInAccount, here),
                (Limit::SignInAccountTotal, email.to_owned()),
            ]
        }
    }
}

/// Whether an attempt would be counted, by a look alone.
pub fn look(
    connection: &mut Connection,
    rates: &Limits,
    browser: &Browser,
    email: &str,
    now: Timestamp,
) -> Result<Allowance, DbError> {
    let known = users::credentials(connection, email)?;
    limits::look(connection, rates, &taken_by(browser, email, known.as_ref().map(|known| &known.id)), now)
}

pub enum Attempt {
    Counted {
        /// The account to check the password of, or `None` for an address without one.
        known: Option<Credentials>,
        /// The next one would be refused.
        is_last: bool,
    },
    TooOften(TooOften),
}

/// Counts an attempt before the password is looked at, so that many at once cannot try more than the limit.
pub fn count(tx: &mut WriteTx, browser: &Browser, email: &str) -> Result<Attempt, DbError> {
    let known = users::credentials(tx.connection, email)?;
    let taken = taken_by(browser, email, known.as_ref().map(|known| &known.id));
    if let Some(too_often) = tx.take_each(&taken)?.refusal() {
        return Ok(Attempt::TooOften(too_often));
    }
    let is_last = tx.look(&taken)?.refusal().is_some();
    Ok(Attempt::Counted { known, is_last })
}

/// Tells the holder that somebody guesses their password, once in a while. For an address without an account the same is done and
/// thrown away, so that both take as long.
pub fn warn_holder(tx: &mut WriteTx, email: &str, ip: &str) -> Result<(), DbError> {
    if tx.take(Limit::GuessingMail, email)?.refusal().is_some() {
        return Ok(());
    }
    let holder: Option<String> = user_rows::table
        .filter(user_rows::email.eq(email))
        .select(user_rows::first_name)
        .first(tx.connection)
        .optional()?;
    let mail = |first_name| PasswordGuessed {
        first_name,
        at: tx.now,
        ip: ip.to_owned(),
        forgot_link: tx.context.links.to("/forgot-password"),
    };
    match holder {
        Some(first_name) => {
            let mail = mail(first_name);
            tx.send(email, &mail).map(drop)
        }
        None => {
            let mail = mail(String::new());
            tx.rehearse(email, &mail)
        }
    }
}

/// What a password that was right is worth once it has been checked.
pub enum Settled {
    /// The account may ask for more than the password.
    Valid { has_second_step: bool },
    /// The password was changed while it was being checked.
    Outdated,
    /// An operator keeps this person out. Only who knows the password is told.
    Suspended,
}

pub enum Finish {
    SignedIn(Started),
    /// The account asks for more than the password: this browser may go on with the secret.
    SecondStep {
        holder: UserId,
        pending: Secret,
    },
    Outdated,
    Suspended,
}

/// Signs in somebody whose password was right: a session begins, where the account has a second step after that.
pub fn finish(
    tx: &mut WriteTx,
    email: &str,
    checked: &Credentials,
    new_hash: Option<&str>,
    browser: &Browser,
    destination: &Destination,
) -> Result<Finish, DbError> {
    match settle(tx, email, checked, new_hash, browser)? {
        Settled::Valid { has_second_step: true } => {
            let pending = second_step::begin(tx, &checked.id, destination)?;
            Ok(Finish::SecondStep { holder: checked.id.clone(), pending })
        }
        Settled::Valid { has_second_step: false } => sessions::start(tx, &checked.id, browser).map(Finish::SignedIn),
        Settled::Outdated => Ok(Finish::Outdated),
        Settled::Suspended => Ok(Finish::Suspended),
    }
}

/// The attempt of somebody whose password was right does not count. `new_hash` is stored in place of the one that was checked.
pub fn settle(
    tx: &mut WriteTx,
    email: &str,
    checked: &Credentials,
    new_hash: Option<&str>,
    browser: &Browser,
) -> Result<Settled, DbError> {
    users::lock(tx, &checked.id)?;
    let current = users::credentials(tx.connection, email)?;
    let Some(current) = current.filter(|current| current.password_hash == checked.password_hash) else {
        return Ok(Settled::Outdated);
    };
    if current.suspended_at.is_some() {
        return Ok(Settled::Suspended);
    }
    if let Some(hash) = new_hash {
        users::set_password_hash(tx, &checked.id, hash)?;
    }
    for (limit, who) in taken_by(browser, email, Some(&checked.id)) {
        tx.give_back(limit, &who, 1)?;
    }
    Ok(Settled::Valid { has_second_step: current.two_factor_at.is_some() })
}

/// Forgets the wrong passwords for an account, as far as they are told from here, and the wrong codes: whoever has guessed codes knew
/// the password, and does not know a new one.
pub fn forget_guesses(tx: &mut WriteTx, email: &str, user: &UserId, ip: &str) -> Result<(), DbError> {
    second_step::forget_guesses(tx, user)?;
    tx.forget(Limit::SignInAccount, &limits::of_each(email, &network_of(ip)))?;
    tx.forget(Limit::SignInAccountTotal, email)
}

/// Forgets the wrong passwords for an account, wherever they came from.
pub fn forget_all_guesses(tx: &mut WriteTx, email: &str, user: &UserId) -> Result<(), DbError> {
    tx.forget_each(Limit::SignInAccount, email)?;
    tx.forget(Limit::SignInAccountTotal, email)?;
    tx.forget_each(Limit::SignInBrowser, user.as_str())?;
    tx.forget_each(Limit::SecondStepBrowser, user.as_str())?;
    second_step::forget_guesses(tx, user)
}
