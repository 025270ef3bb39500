//! The second step of signing in. Who gave the right password gets a secret for this browser, which finds what waits for the second
//! step; only [`complete`] makes a session of it, whatever the second step was.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::app::PURPOSE;
use super::{Generator, changes, recovery_codes};
use crate::access::Person;
use crate::accounts::mail::{PasswordKnown, TwoFactorNews};
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{PendingSignInId, UserId};
use crate::limits::TooOften;
use crate::rates::Limit;
use crate::schema::{authenticator_apps, pending_sign_ins, users as user_rows};
use crate::secrets::Secret;
use crate::time::Timestamp;

/// How long somebody may take between the password and the second step.
pub const LIFETIME: Duration = Duration::minutes(10);

/// Where somebody goes once they are signed in.
#[derive(Clone, Debug, Default, Queryable, Selectable)]
#[diesel(table_name = pending_sign_ins)]
pub struct Destination {
    pub next: String,
    /// A form that came after its sender was signed out, sealed.
    pub kept: String,
}

/// A sign-in that waits for its second step.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = pending_sign_ins)]
pub struct Pending {
    pub id: PendingSignInId,
    pub user_id: UserId,
    #[diesel(select_expression = user_rows::email)]
    pub email: String,
    #[diesel(select_expression = user_rows::first_name)]
    first_name: String,
    #[diesel(select_expression = user_rows::last_name)]
    last_name: String,
    #[diesel(embed)]
    pub destination: Destination,
}

impl Pending {
    fn holder(&self, browser: &Browser) -> Person {
        let Self { user_id, email, first_name, last_name, .. } = self.clone();
        Person { user_id, email, first_name, last_name, ip: browser.ip.clone() }
    }
}

#[derive(Insertable)]
#[diesel(table_name = pending_sign_ins)]
struct Row<'a> {
    id: PendingSignInId,
    user_id: &'a UserId,
    token_hash: String,
    next: &'a str,
    kept: &'a str,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// Opens one for somebody whose password was right.
pub(in crate::accounts) fn begin(
    tx: &mut WriteTx,
    user: &UserId,
    destination: &Destination,
) -> Result<Secret, DbError> {
    let secret = Secret::random();
    let row = Row {
        id: PendingSignInId::new(tx.now),
        user_id: user,
        token_hash: secret.hash(),
        next: &destination.next,
        kept: &destination.kept,
        created_at: tx.now,
        expires_at: tx.now + LIFETIME,
    };
    diesel::insert_into(pending_sign_ins::table).values(row).execute(tx.connection)?;
    Ok(secret)
}

/// What waits behind a secret, while it does and the account still asks for a second step.
pub fn find(connection: &mut Connection, secret: &Secret, now: Timestamp) -> Result<Option<Pending>, DbError> {
    Ok(pending_sign_ins::table
        .inner_join(user_rows::table)
        .filter(pending_sign_ins::token_hash.eq(secret.hash()))
        .filter(pending_sign_ins::expires_at.gt(now))
        .filter(user_rows::suspended_at.is_null())
        .filter(user_rows::two_factor_at.is_not_null())
        .select(Pending::as_select())
        .first(connection)
        .optional()?)
}

/// The same, with the account locked: of two second steps at once, the later one waits and finds nothing any more.
pub fn find_locked(tx: &mut WriteTx, secret: &Secret) -> Result<Option<Pending>, DbError> {
    let Some(seen) = find(tx.connection, secret, tx.now)? else { return Ok(None) };
    users::lock(tx, &seen.user_id)?;
    find(tx.connection, secret, tx.now)
}

/// What somebody gives as their second step.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    Code(&'a str),
    RecoveryCode(&'a str),
}

pub enum Outcome {
    SignedIn(Started, Destination),
    Wrong(UserId),
    /// A right code that was taken before, or one older than that.
    Used(UserId),
    TooOften(UserId, TooOften),
    /// It waits no longer: too late, done before, or the password was changed meanwhile.
    Gone,
}

/// Takes the second step with a code.
pub fn take(tx: &mut WriteTx, secret: &Secret, given: Given<'_>, browser: &Browser) -> Result<Outcome, DbError> {
    let Some(pending) = find_locked(tx, secret)? else { return Ok(Outcome::Gone) };
    let user = pending.user_id.clone();
    let limits = limits(browser, &user);
    if let Some(too_often) = tx.take_each(&limits)?.refusal() {
        return Ok(Outcome::TooOften(user, too_often));
    }
    let checked = match given {
        Given::Code(code) => check_code(tx, &pending, code)?,
        Given::RecoveryCode(code) if recovery_codes::take(tx, &user, code)? => Checked::Right,
        Given::RecoveryCode(_) => Checked::Wrong,
    };
    match checked {
        Checked::Right => {}
        Checked::Wrong if tx.look(&limits)?.refusal().is_some() => {
            warn_holder(tx, &pending, browser)?;
            return Ok(Outcome::Wrong(user));
        }
        Checked::Wrong => return Ok(Outcome::Wrong(user)),
        Checked::Used => return Ok(Outcome::Used(user)),
    }
    for (limit, who) in limits {
        tx.give_back(limit, &who, 1)?;
    }
    if matches!(given, Given::RecoveryCode(_)) {
        let (holder, left) = (pending.holder(browser), recovery_codes::left(tx.connection, &user)?);
        users::record(tx, &holder, Action::RecoveryCodeUsed, json!({ "left": left }))?;
        changes::tell(tx, &holder, TwoFactorNews::CodeUsed { left })?;
    }
    complete(tx, &pending, browser).map(|started| Outcome::SignedIn(started, pending.destination))
}

/// Signs in somebody whose second step was right. The account is locked.
pub fn complete(tx: &mut WriteTx, pending: &Pending, browser: &Browser) -> Result<Started, DbError> {
    diesel::delete(pending_sign_ins::table.filter(pending_sign_ins::id.eq(&pending.id))).execute(tx.connection)?;
    sessions::start(tx, &pending.user_id, browser)
}

enum Checked {
    Right,
    Wrong,
    Used,
}

fn check_code(tx: &mut WriteTx, pending: &Pending, code: &str) -> Result<Checked, DbError> {
    let own = authenticator_apps::table.filter(authenticator_apps::user_id.eq(&pending.user_id));
    let app: Option<(Vec<u8>, i64)> =
        own.select((authenticator_apps::sealed, authenticator_apps::last_step)).first(tx.connection).optional()?;
    let Some((sealed, last_step)) = app else { return Ok(Checked::Wrong) };
    let id = pending.user_id.as_str();
    let Some(secret) = tx.context.sealer.open(PURPOSE, id, &sealed) else {
        tracing::error!(user = id, "an authenticator app was sealed with a key that is not among those of this portal");
        return Ok(Checked::Wrong);
    };
    let Some(step) = Generator::new(&secret, &pending.email).step_of(code, tx.now) else { return Ok(Checked::Wrong) };
    if step <= last_step {
        return Ok(Checked::Used);
    }
    diesel::update(own).set(authenticator_apps::last_step.eq(step)).execute(tx.connection)?;
    Ok(Checked::Right)
}

/// What an attempt takes.
fn limits(browser: &Browser, user: &UserId) -> Vec<(Limit, String)> {
    match browser.own_limit(user, Limit::SecondStepBrowser) {
        Some(own) => vec![own],
        None => [Limit::SecondStep, Limit::SecondStepTotal].map(|limit| (limit, user.to_string())).into(),
    }
}

/// Tells the holder that somebody has their password and guesses codes, once in a while.
fn warn_holder(tx: &mut WriteTx, pending: &Pending, browser: &Browser) -> Result<(), DbError> {
    if tx.take(Limit::PasswordKnownMail, pending.user_id.as_str())?.refusal().is_some() {
        return Ok(());
    }
    let holder = pending.holder(browser);
    users::record(tx, &holder, Action::SecondStepGuessed, Value::Null)?;
    let forgot_link = tx.context.links.to("/forgot-password");
    let mail = PasswordKnown { first_name: holder.first_name, at: tx.now, ip: holder.ip, forgot_link };
    tx.send(&holder.email, &mail).map(drop)
}

/// Forgets the wrong codes for an account.
pub(in crate::accounts) fn forget_guesses(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    tx.forget(Limit::SecondStep, user.as_str())?;
    tx.forget(Limit::SecondStepTotal, user.as_str())
}
