//! Consents: the rows, which are only added to, and what they say now.

use std::collections::BTreeMap;

use diesel::dsl::{auto_type, exists, max, not};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::kind::{Kind, WORDING};
use crate::access::{Operator, Person};
use crate::accounts::users;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::paging::{Part, Place};
use crate::schema::{consents, users as user_rows};
use crate::time::Timestamp;

diesel::alias!(consents as others: Others);

/// A change.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = consents)]
pub struct Consent {
    pub number: i32,
    pub kind: Kind,
    pub given: bool,
    pub at: Timestamp,
    pub ip: String,
    pub wording: i32,
}

#[derive(Insertable)]
#[diesel(table_name = consents)]
struct Row<'a> {
    user_id: &'a UserId,
    number: i32,
    kind: Kind,
    given: bool,
    at: Timestamp,
    ip: &'a str,
    wording: i32,
}

/// Whether somebody did not change it again later.
#[auto_type(no_type_alias)]
fn is_latest() -> _ {
    not(exists(
        others
            .filter(others.field(consents::kind).eq(consents::kind))
            .filter(others.field(consents::user_id).eq(consents::user_id))
            .filter(others.field(consents::number).gt(consents::number)),
    ))
}

/// What holds now: the latest change of each kind. Who never said anything has agreed to nothing.
pub fn current(connection: &mut Connection, user: &UserId) -> Result<BTreeMap<Kind, Consent>, DbError> {
    let latest = consents::table
        .filter(consents::user_id.eq(user))
        .filter(is_latest())
        .select(Consent::as_select())
        .load::<Consent>(connection)?;
    Ok(latest.into_iter().map(|consent| (consent.kind, consent)).collect())
}

/// All that somebody agreed to and withdrew, the latest first: up to `most` rows.
pub fn history(
    connection: &mut Connection,
    user: &UserId,
    place: &Place<i32>,
    most: usize,
) -> Result<Part<Consent>, DbError> {
    let rows = consents::table
        .filter(consents::user_id.eq(user))
        .select(Consent::as_select())
        .limit(most as i64 + 1)
        .into_boxed();
    let found = match place {
        Place::Start => rows.order(consents::number.desc()),
        Place::After(number) => rows.filter(consents::number.lt(*number)).order(consents::number.desc()),
        Place::Before(number) => rows.filter(consents::number.gt(*number)).order(consents::number.asc()),
    };
    Ok(Part::as_read(found.load(connection)?, place, most))
}

/// A choice that somebody made: what they changed, and nothing of what they left as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    pub kind: Kind,
    pub given: bool,
}

/// Keeps what is another choice than the one that holds. How many there were.
pub fn choose(tx: &mut WriteTx, person: &Person, wishes: &[Wish]) -> Result<usize, DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    let held = current(tx.connection, user)?;
    let last = consents::table.filter(consents::user_id.eq(user)).select(max(consents::number));
    let mut number = last.first::<Option<i32>>(tx.connection)?.unwrap_or(0);
    let mut changed = 0;
    for Wish { kind, given } in wishes.iter().copied() {
        if held.get(&kind).is_some_and(|consent| consent.given) == given {
            continue;
        }
        number += 1;
        changed += 1;
        let row = Row { user_id: user, number, kind, given, at: tx.now, ip: &person.ip, wording: WORDING };
        diesel::insert_into(consents::table).values(row).execute(tx.connection)?;
        let what = json!({ "consent": kind.label() });
        let (action, before, after) = match given {
            true => (Action::ConsentGiven, Value::Null, what),
            false => (Action::ConsentWithdrawn, what, Value::Null),
        };
        users::record_change(tx, person, action, before, after)?;
    }
    Ok(changed)
}

/// Somebody who agreed to something.
#[derive(Clone, Debug, Queryable)]
pub struct Agreed {
    pub user: UserId,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub since: Timestamp,
    pub wording: i32,
}

/// Who agrees to it now, in the order of their ids: up to `most`, those behind `after`. Who is suspended is none of them.
pub fn who_agreed(
    connection: &mut Connection,
    kind: Kind,
    after: Option<&UserId>,
    most: i64,
) -> Result<Vec<Agreed>, DbError> {
    let agreed = consents::table
        .inner_join(user_rows::table)
        .filter(consents::kind.eq(kind))
        .filter(consents::user_id.gt(after.map_or("", UserId::as_str)))
        .filter(consents::given)
        .filter(is_latest())
        .filter(user_rows::suspended_at.is_null())
        .order(consents::user_id)
        .limit(most)
        .select((
            consents::user_id,
            user_rows::email,
            user_rows::first_name,
            user_rows::last_name,
            consents::at,
            consents::wording,
        ));
    Ok(agreed.load(connection)?)
}

/// Notes that an operator took the list.
pub fn record_export(tx: &mut WriteTx, by: &Operator, kind: Kind, count: usize) -> Result<(), DbError> {
    let change = Change {
        action: Action::ConsentsExported,
        subject_id: kind.key(),
        subject_name: kind.label(),
        before: Value::Null,
        after: json!({ "count": count }),
    };
    tx.record(By::operator(by), change)
}
