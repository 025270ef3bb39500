//! Sign-ups: what is there until an address is confirmed.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::Person;
use crate::accounts::mail::{AccountExists, Verification};
use crate::accounts::users::{self, NewUser};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::SignUpId;
use crate::jobs::Purge;
use crate::limits::{Allowance, TooOften};
use crate::rates::Limit;
use crate::schema::{sign_ups, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// A link that confirms an address works for so long.
pub const LIFETIME: Duration = Duration::hours(24);

#[derive(Clone, Debug)]
pub enum SignUp {
    /// A link is on its way, and this is the secret in it.
    Sent(Secret),
    /// The same form was sent before, or the address has an account; whoever asks is not told which.
    Known,
    /// It was not counted, so it was not begun.
    TooOften(TooOften),
}

/// The limits that a message to an address takes, which a stranger in `network` asks for.
pub fn limits(network: &str, email: &str) -> [(Limit, String); 3] {
    [
        (Limit::AccountMailNetwork, network.to_owned()),
        (Limit::AccountMail, format!("{email} {network}")),
        (Limit::AccountMailTotal, email.to_owned()),
    ]
}

/// Counts a sign-up, before its password is hashed.
pub fn count(tx: &mut WriteTx, network: &str, email: &str) -> Result<Allowance, DbError> {
    tx.take_each(&limits(network, email))
}

/// Takes a sign-up that was counted, and mails the link that confirms it, or tells the holder of the address that they have an account already.
/// Both do the same work. `form_key` makes a form that is sent twice with the same address count once.
pub fn begin(tx: &mut WriteTx, new: &NewUser, form_key: &str) -> Result<SignUp, DbError> {
    let secret = Secret::random();
    let holder: Option<String> = user_rows::table
        .filter(user_rows::email.eq(&new.email))
        .select(user_rows::first_name)
        .first(tx.connection)
        .optional()?;
    // Hashed, since the browser chooses how long the key is.
    let once = format!("sign-up:{}", Secret::presented(&format!("{form_key}\n{}", new.email)).hash());
    let (links, expires) = (&tx.context.links, tx.now + LIFETIME);
    let is_first = match holder {
        Some(first_name) => {
            let (sign_in_link, reset_link_page) = (links.to("/sign-in"), links.to("/forgot-password"));
            tx.send_once(&new.email, &AccountExists { first_name, sign_in_link, reset_link_page }, &once)?
        }
        None => {
            let link = links.to(&format!("/verify-email?token={}", secret.as_str()));
            tx.send_once(&new.email, &Verification { link, expires }, &once)?
        }
    };
    if !is_first {
        return Ok(SignUp::Known);
    }
    insert(tx, new, &secret)?;
    Ok(SignUp::Sent(secret))
}

/// Mails another link to whoever has signed up with an address and not confirmed it; the one before goes on working. The holder of an
/// account is told that they have one. For any other address the same is done and thrown away, so that no answer tells who it is.
/// Somebody else may have signed up with the address, too: the sign-up of this browser is the one that counts, which the `mark` (the
/// hash of its secret) names, and otherwise the newest.
pub fn send_again(tx: &mut WriteTx, network: &str, email: &str, mark: &str) -> Result<Option<TooOften>, DbError> {
    let mut wanted = vec![(Limit::ConfirmationAgain, format!("{email} {network}"))];
    wanted.extend(limits(network, email));
    if let Some(too_often) = tx.take_each(&wanted)?.refusal() {
        return Ok(Some(too_often));
    }
    let holder: Option<String> = user_rows::table
        .filter(user_rows::email.eq(email))
        .select(user_rows::first_name)
        .first(tx.connection)
        .optional()?;
    // Also one whose link ran out, until it is removed.
    let waiting: Option<NewUser> = sign_ups::table
        .filter(sign_ups::email.eq(email))
        .order((sign_ups::token_hash.eq(mark).desc(), sign_ups::id.desc()))
        .select(NewUser::as_select())
        .first(tx.connection)
        .optional()?;
    let (secret, expires) = (Secret::random(), tx.now + LIFETIME);
    let link = tx.context.links.to(&format!("/verify-email?token={}", secret.as_str()));
    let is_waiting = holder.is_none() && waiting.is_some();
    insert(tx, &waiting.unwrap_or_else(|| nobody(email)), &secret)?;
    let unwanted = if is_waiting { Secret::random() } else { secret };
    diesel::delete(sign_ups::table.filter(sign_ups::token_hash.eq(unwanted.hash()))).execute(tx.connection)?;
    match holder {
        Some(first_name) => {
            let (sign_in_link, reset_link_page) =
                (tx.context.links.to("/sign-in"), tx.context.links.to("/forgot-password"));
            tx.send(email, &AccountExists { first_name, sign_in_link, reset_link_page })?;
        }
        None if is_waiting => drop(tx.send(email, &Verification { link, expires })?),
        None => tx.rehearse(email, &Verification { link, expires })?,
    }
    Ok(None)
}

/// Who stands in while the same work is rehearsed.
fn nobody(email: &str) -> NewUser {
    let [password_hash, first_name, last_name, company, country] = Default::default();
    NewUser { email: email.to_owned(), password_hash, first_name, last_name, company, country }
}

#[derive(Insertable)]
#[diesel(table_name = sign_ups)]
struct Row<'a> {
    id: SignUpId,
    token_hash: String,
    email: &'a str,
    password_hash: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    company: &'a str,
    country: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
}

fn insert(tx: &mut WriteTx, new: &NewUser, secret: &Secret) -> Result<(), DbError> {
    let row = Row {
        id: SignUpId::new(tx.now),
        token_hash: secret.hash(),
        email: &new.email,
        password_hash: &new.password_hash,
        first_name: &new.first_name,
        last_name: &new.last_name,
        company: &new.company,
        country: &new.country,
        created_at: tx.now,
        expires_at: tx.now + LIFETIME,
    };
    diesel::insert_into(sign_ups::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// The sign-up behind a link, while the link works.
pub fn find(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<NewUser>, DbError> {
    Ok(sign_ups::table
        .filter(sign_ups::token_hash.eq(secret.hash()))
        .filter(sign_ups::expires_at.gt(now))
        .select(NewUser::as_select())
        .first(connection)
        .optional()?)
}

/// Turns a sign-up into an account. `None` when the link was used or ran out meanwhile.
pub fn confirm(tx: &mut WriteTx, secret: &Secret, ip: &str) -> Result<Option<Person>, DbError> {
    let now = tx.now;
    match find(tx.connection, secret, now)? {
        Some(new) => users::create(tx, &new, ip),
        None => Ok(None),
    }
}

/// Removes sign-ups whose link ran out a day ago.
pub const PURGE: Purge =
    Purge { kind: "sign-ups.purge", table: "sign_ups", key: "id", moment: "expires_at", kept: Duration::days(1) };
