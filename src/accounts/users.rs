//! Users: the rows, and creating one.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::Person;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx, is_unique};
use crate::ids::UserId;
use crate::schema::{sign_ups, users};
use crate::time::Timestamp;

/// What a person says of themselves when they sign up. The password is hashed already.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sign_ups)]
pub struct NewUser {
    pub email: String,
    pub password_hash: String,
    pub first_name: String,
    pub last_name: String,
    pub company: String,
    pub country: String,
}

/// A user as sign-in needs it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Credentials {
    pub id: UserId,
    pub password_hash: String,
    pub suspended_at: Option<Timestamp>,
    /// Since when a second step follows the password.
    pub two_factor_at: Option<Timestamp>,
}

pub fn credentials(connection: &mut Connection, email: &str) -> Result<Option<Credentials>, DbError> {
    let user = users::table.filter(users::email.eq(email)).select(Credentials::as_select());
    Ok(user.first(connection).optional()?)
}

pub fn has_account(connection: &mut Connection, email: &str) -> Result<bool, DbError> {
    Ok(credentials(connection, email)?.is_some())
}

/// What a person said of their company when they signed up.
#[derive(Clone, Debug, Default, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Company {
    #[diesel(column_name = company)]
    pub name: String,
    pub country: String,
}

pub fn company(connection: &mut Connection, user: &UserId) -> Result<Company, DbError> {
    Ok(users::table.filter(users::id.eq(user)).select(Company::as_select()).first(connection)?)
}

/// Locks an account until the transaction ends: its password, sessions and links change one transaction at a time.
///
/// # Errors
/// It was deleted: a request that began before puts nothing back.
pub fn lock(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    tx.lock_row("users", user.as_str())?;
    let there = users::table.filter(users::id.eq(user)).filter(users::deleted_at.is_null());
    Ok(there.select(users::id).first::<UserId>(tx.connection).map(drop)?)
}

/// The same, for what a suspended person must not finish. False where they are suspended.
pub fn lock_active(tx: &mut WriteTx, user: &UserId) -> Result<bool, DbError> {
    tx.lock_row("users", user.as_str())?;
    let active = users::table.filter(users::id.eq(user)).filter(users::suspended_at.is_null());
    let found: Option<UserId> = active.select(users::id).first(tx.connection).optional()?;
    Ok(found.is_some())
}

/// What stands in place of the name of somebody whose account was deleted.
pub const DELETED_NAME: &str = "Deleted user";

#[derive(Insertable)]
#[diesel(table_name = users)]
struct Row<'a> {
    id: &'a UserId,
    email: &'a str,
    password_hash: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    company: &'a str,
    country: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Creates an account whose address is proven. `None` when the address has an account already.
pub fn create(tx: &mut WriteTx, new: &NewUser, ip: &str) -> Result<Option<Person>, DbError> {
    let id = UserId::new(tx.now);
    let row = Row {
        id: &id,
        email: &new.email,
        password_hash: &new.password_hash,
        first_name: &new.first_name,
        last_name: &new.last_name,
        company: &new.company,
        country: &new.country,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let inserted = tx.savepoint(|connection| diesel::insert_into(users::table).values(row).execute(connection));
    match inserted {
        Ok(_) => {}
        Err(error) if is_unique(&error, "users_email", "users.email") => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Whatever else was signed up with this address is void now.
    diesel::delete(sign_ups::table.filter(sign_ups::email.eq(&new.email))).execute(tx.connection)?;
    let person = Person {
        user_id: id,
        email: new.email.clone(),
        first_name: new.first_name.clone(),
        last_name: new.last_name.clone(),
        ip: ip.to_owned(),
    };
    record(tx, &person, Action::AccountCreated, json!({ "email": new.email }))?;
    Ok(Some(person))
}

/// Writes the activity row of what somebody did to their own account.
pub(super) fn record(tx: &mut WriteTx, person: &Person, action: Action, after: Value) -> Result<(), DbError> {
    record_change(tx, person, action, Value::Null, after)
}

/// The same of what has a side before it.
pub fn record_change(
    tx: &mut WriteTx,
    person: &Person,
    action: Action,
    before: Value,
    after: Value,
) -> Result<(), DbError> {
    let (subject_id, subject_name) = (person.user_id.as_str(), &*person.name());
    tx.record(By::holder(person), Change { action, subject_id, subject_name, before, after })
}

/// Stores another hash of the same password, or of a new one.
pub(super) fn set_password_hash(tx: &mut WriteTx, user: &UserId, hash: &str) -> Result<(), DbError> {
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::password_hash.eq(hash), users::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    Ok(())
}

/// Empties the row of an account. It stays for what refers to it, as somebody without a name, who has no address that anybody could type
/// and is kept out like whoever is suspended.
pub fn empty(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    use users as row;
    let none: Option<Timestamp> = None;
    diesel::update(row::table.filter(row::id.eq(user)))
        .set((
            (row::email.eq(user.as_str()), row::password_hash.eq(""), row::two_factor_at.eq(none)),
            (row::first_name.eq(DELETED_NAME), row::last_name.eq("")),
            (row::company.eq(""), row::country.eq(""), row::job_title.eq(""), row::phone.eq("")),
            (row::industries.eq(""), row::picture_hash.eq(""), row::time_zone.eq("UTC")),
            (row::organization_news.eq(false), row::default_organization_id.eq(None::<&str>)),
            (row::suspended_at.eq(Some(tx.now)), row::deleted_at.eq(Some(tx.now)), row::updated_at.eq(tx.now)),
        ))
        .execute(tx.connection)?;
    Ok(())
}
