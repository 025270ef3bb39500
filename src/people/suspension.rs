//! Keeping the holder of an account out, and letting them in again. Only operators do.
//!
//! Who is suspended has no session and gets none, no link helps them to a password, nobody can accept what they offered, and as an
//! Owner they count as none. Nothing of theirs is removed: resuming gives all of it back, but for the sessions.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Operator, Person, Role, lock_organizations_of};
use crate::accounts::mail::TwoFactorNews;
use crate::accounts::{passkeys, resets, sessions, sign_in, two_factor, users as accounts};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::names::full_name;
use crate::people::counts::{self, Counted};
use crate::people::owners;
use crate::people::ownership::open;
use crate::schema::{memberships, users};
use crate::time::Timestamp;

/// An account as an operator names it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
struct Account {
    id: UserId,
    first_name: String,
    last_name: String,
    suspended_at: Option<Timestamp>,
}

/// The account of an address, locked. One that was deleted is none.
fn locked(tx: &mut WriteTx, email: &str) -> Result<Option<Account>, DbError> {
    let account =
        users::table.filter(users::email.eq(email)).filter(users::deleted_at.is_null()).select(Account::as_select());
    let Some(seen) = account.first::<Account>(tx.connection).optional()? else { return Ok(None) };
    accounts::lock(tx, &seen.id)?;
    Ok(account.first(tx.connection).optional()?)
}

fn record(tx: &mut WriteTx, by: &Operator, account: &Account, action: Action, after: Value) -> Result<(), DbError> {
    let (subject_id, subject_name) = (account.id.as_str(), &*full_name(&account.first_name, &account.last_name));
    tx.record(By::operator(by), Change { action, subject_id, subject_name, before: Value::Null, after })
}

/// Ends every session of the account, and answers how many there were. `None` where no account has the address.
pub fn end_sessions(tx: &mut WriteTx, by: &Operator, email: &str) -> Result<Option<usize>, DbError> {
    let Some(account) = locked(tx, email)? else { return Ok(None) };
    let ended = sessions::end_all(tx, &account.id)?;
    if ended > 0 {
        record(tx, by, &account, Action::SessionsEnded, json!({ "sessions": ended }))?;
    }
    Ok(Some(ended))
}

/// Forgets every wrong password for the account, wherever it was tried, so that its holder need not wait. False where no account has
/// the address.
pub fn unlock(tx: &mut WriteTx, by: &Operator, email: &str) -> Result<bool, DbError> {
    let Some(account) = locked(tx, email)? else { return Ok(false) };
    sign_in::forget_all_guesses(tx, email, &account.id)?;
    record(tx, by, &account, Action::AccountUnlocked, Value::Null)?;
    Ok(true)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResetTwoFactor {
    Reset {
        /// How many were removed.
        passkeys: usize,
    },
    /// There was neither a second step nor a passkey; nothing was changed.
    Nothing,
    Unknown,
}

/// Turns two-factor authentication off and removes all passkeys for somebody who lost everything, and tells them.
pub fn reset_two_factor(tx: &mut WriteTx, by: &Operator, email: &str) -> Result<ResetTwoFactor, DbError> {
    let Some(account) = locked(tx, email)? else { return Ok(ResetTwoFactor::Unknown) };
    let (passkeys, was_on) = (passkeys::remove_all(tx, &account.id)?, two_factor::remove(tx, &account.id)?);
    if passkeys == 0 && !was_on {
        return Ok(ResetTwoFactor::Nothing);
    }
    let after = if passkeys == 0 { Value::Null } else { json!({ "passkeys": passkeys }) };
    record(tx, by, &account, Action::TwoFactorReset, after)?;
    let Account { id: user_id, first_name, last_name, .. } = account;
    let holder = Person { user_id, email: email.to_owned(), first_name, last_name, ip: String::new() };
    two_factor::tell(tx, &holder, TwoFactorNews::Reset { passkeys })?;
    Ok(ResetTwoFactor::Reset { passkeys })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspend {
    Suspended {
        sessions: usize,
    },
    /// Since before; nothing was changed.
    Already,
    /// These Organizations would be left without an Owner who can act; nothing was changed.
    LastOwner {
        organizations: Vec<String>,
    },
    Unknown,
}

pub fn suspend(tx: &mut WriteTx, by: &Operator, email: &str) -> Result<Suspend, DbError> {
    let Some(account) = locked(tx, email)? else { return Ok(Suspend::Unknown) };
    if account.suspended_at.is_some() {
        return Ok(Suspend::Already);
    }
    // Whatever their role is now: so nobody can make them Owner and leave meanwhile.
    lock_organizations_of(tx, &account.id)?;
    let alone = owners::alone_in(tx.connection, &account.id)?;
    if !alone.is_empty() {
        return Ok(Suspend::LastOwner {
            organizations: alone.into_iter().map(|organization| organization.name).collect(),
        });
    }
    set_suspended_at(tx, &account.id, Some(tx.now))?;
    for organization in recount(tx, &account.id, Counted::Active, Counted::Suspended)? {
        open::end_of(tx, By::operator_in(by, &organization), &organization, &account.id)?;
    }
    let sessions = sessions::end_all(tx, &account.id)?;
    resets::void_all(tx, &account.id)?;
    record(tx, by, &account, Action::AccountSuspended, json!({ "sessions": sessions }))?;
    Ok(Suspend::Suspended { sessions })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resume {
    Resumed,
    /// The account was not suspended.
    Already,
    Unknown,
}

pub fn resume(tx: &mut WriteTx, by: &Operator, email: &str) -> Result<Resume, DbError> {
    let Some(account) = locked(tx, email)? else { return Ok(Resume::Unknown) };
    if account.suspended_at.is_none() {
        return Ok(Resume::Already);
    }
    set_suspended_at(tx, &account.id, None)?;
    recount(tx, &account.id, Counted::Suspended, Counted::Active)?;
    record(tx, by, &account, Action::AccountResumed, Value::Null)?;
    Ok(Resume::Resumed)
}

fn set_suspended_at(tx: &mut WriteTx, user: &UserId, at: Option<Timestamp>) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::suspended_at.eq(at), users::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Counts the holder of an account as something else, wherever they are. The Organizations are locked, so that nobody gives them
/// another role or removes them meanwhile, and answered.
fn recount(tx: &mut WriteTx, user: &UserId, from: Counted, to: Counted) -> Result<Vec<OrganizationId>, DbError> {
    lock_organizations_of(tx, user)?;
    let theirs = memberships::table.filter(memberships::user_id.eq(user)).order(memberships::organization_id);
    let roles: Vec<(OrganizationId, Role)> =
        theirs.select((memberships::organization_id, memberships::role)).load(tx.connection)?;
    for (organization, role) in &roles {
        counts::add(tx, organization, from, *role, -1)?;
        counts::add(tx, organization, to, *role, 1)?;
    }
    Ok(roles.into_iter().map(|(organization, _)| organization).collect())
}
