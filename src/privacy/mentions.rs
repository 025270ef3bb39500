//! The activity log without somebody: what happened stays, and who it was does not.
//!
//! Rows of theirs and about them are found by their id. Others name them by the way: a seat that somebody gave them, an invitation to their
//! address, the address that was removed from a list. Those are looked for before the transaction that deletes the account, by reading the
//! whole log in the order of its ids, part by part and without locks; the transaction itself reads only what came since.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use crate::accounts::users::DELETED_NAME;
use crate::audit::Action;
use crate::db::{Connection, Db, DbError, WriteTx};
use crate::ids::{ActivityId, UserId};
use crate::schema::{activity, users};
use crate::time::Timestamp;

/// How many rows are read at a time.
const BATCH: i64 = 1_000;
/// A row may be stored later than it says, by as long as the transaction lasted that wrote it.
const UNSETTLED: Duration = Duration::minutes(5);

/// Where somebody is named.
#[derive(Clone, Debug)]
pub struct Mentions {
    pub user: UserId,
    /// The address of the account, and those that it had before and that nobody has now.
    emails: Vec<String>,
    rows: Vec<ActivityId>,
    /// What is behind this one is read again.
    settled: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = activity)]
struct Row {
    id: ActivityId,
    at: Timestamp,
    actor_name: String,
    subject_name: String,
    before: String,
    after: String,
}

/// Reads the log for somebody.
pub fn find(db: &Db, user: &UserId, now: Timestamp) -> Result<Mentions, DbError> {
    let emails = db.read(|connection| addresses(connection, user))?;
    let mut mentions = Mentions { user: user.clone(), emails, rows: Vec::new(), settled: String::new() };
    let mut last = Some(String::new());
    while let Some(after) = last {
        let rows = db.read(|connection| part(connection, &after))?;
        last = rows.last().map(|row| row.id.to_string());
        for row in rows {
            if mentions.has(&row) {
                mentions.rows.push(row.id.clone());
            }
            if row.at < now - UNSETTLED {
                row.id.as_str().clone_into(&mut mentions.settled);
            }
        }
    }
    Ok(mentions)
}

fn part(connection: &mut Connection, after: &str) -> Result<Vec<Row>, DbError> {
    let behind = activity::table.filter(activity::id.gt(after)).order(activity::id).limit(BATCH);
    Ok(behind.select(Row::as_select()).load(connection)?)
}

fn addresses(connection: &mut Connection, user: &UserId) -> Result<Vec<String>, DbError> {
    let mut found: Vec<String> = users::table.filter(users::id.eq(user)).select(users::email).load(connection)?;
    let told = activity::table
        .filter(activity::subject_id.eq(user))
        .filter(activity::organization_id.is_null())
        .filter(activity::action.eq_any([Action::AccountCreated, Action::EmailChanged]));
    let sides: Vec<(String, String)> = told.select((activity::before, activity::after)).load(connection)?;
    for side in sides.into_iter().flat_map(|(before, after)| [before, after]) {
        let side: Value = serde_json::from_str(&side).unwrap_or_default();
        let Some(email) = side["email"].as_str().filter(|email| !found.iter().any(|known| known == email)) else {
            continue;
        };
        let another = users::table.filter(users::email.eq(email)).filter(users::id.ne(user)).select(users::id);
        if another.first::<UserId>(connection).optional()?.is_none() {
            found.push(email.to_owned());
        }
    }
    Ok(found)
}

impl Mentions {
    /// Whether it was looked for this address.
    pub(super) fn knows(&self, email: &str) -> bool {
        self.emails.iter().any(|known| known == email)
    }

    fn has(&self, row: &Row) -> bool {
        let texts = [&row.actor_name, &row.subject_name, &row.before, &row.after];
        let is_in = |sought: &str| texts.iter().any(|text| text.contains(sought));
        is_in(self.user.as_str()) || self.emails.iter().any(|email| is_in(email))
    }

    /// What the holder was called in what they did.
    pub(super) fn names(&self, tx: &mut WriteTx) -> Result<Vec<String>, DbError> {
        let theirs = activity::table.filter(activity::actor_id.eq(&self.user));
        Ok(theirs.select(activity::actor_name).distinct().load(tx.connection)?)
    }

    /// Takes the holder out of the log.
    pub(super) fn anonymise(&self, tx: &mut WriteTx) -> Result<(), DbError> {
        let mut rows = self.rows.clone();
        let mut last = self.settled.clone();
        loop {
            let part = part(tx.connection, &last)?;
            let Some(row) = part.last() else { break };
            row.id.as_str().clone_into(&mut last);
            rows.extend(part.into_iter().filter(|row| self.has(row)).map(|row| row.id));
        }
        let by_them = activity::table.filter(activity::actor_id.eq(&self.user));
        diesel::update(by_them)
            .set((activity::actor_name.eq(DELETED_NAME), activity::ip.eq("")))
            .execute(tx.connection)?;
        let about_them = activity::table.filter(activity::subject_id.eq(&self.user));
        diesel::update(about_them).set(activity::subject_name.eq(DELETED_NAME)).execute(tx.connection)?;
        // What changed of the account itself: addresses, names, browsers, passkeys.
        diesel::update(about_them.filter(activity::organization_id.is_null()))
            .set((activity::before.eq(""), activity::after.eq("")))
            .execute(tx.connection)?;
        rows.sort();
        rows.dedup();
        rows.iter().try_for_each(|row| self.anonymise_row(tx, row))
    }

    fn anonymise_row(&self, tx: &mut WriteTx, id: &ActivityId) -> Result<(), DbError> {
        let one = activity::table.filter(activity::id.eq(id));
        let Some(row) = one.select(Row::as_select()).first::<Row>(tx.connection).optional()? else { return Ok(()) };
        let (actor_name, subject_name) = (self.without(&row.actor_name), self.without(&row.subject_name));
        if actor_name != row.actor_name {
            diesel::update(one).set(activity::ip.eq("")).execute(tx.connection)?;
        }
        diesel::update(one)
            .set((
                activity::actor_name.eq(actor_name),
                activity::subject_name.eq(subject_name),
                activity::before.eq(self.side_without(&row.before)),
                activity::after.eq(self.side_without(&row.after)),
            ))
            .execute(tx.connection)?;
        Ok(())
    }

    fn side_without(&self, text: &str) -> String {
        let Ok(mut value) = serde_json::from_str(text) else { return self.without(text) };
        self.strip(&mut value);
        value.to_string()
    }

    /// An address that stands alone becomes nothing, so that sentences leave it out. The name of whoever has the id is no more than that.
    fn strip(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.knows(text.as_str()) => text.clear(),
            Value::String(text) => *text = self.without(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.strip(value)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|value| self.strip(value));
                if fields.get("user").and_then(Value::as_str) == Some(self.user.as_str()) {
                    fields.insert("name".to_owned(), DELETED_NAME.into());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn without(&self, text: &str) -> String {
        self.emails.iter().fold(text.to_owned(), |text, email| without_word(&text, email))
    }
}

/// The text with [`DELETED_NAME`] for each place where the address stands whole, and is not the end or the beginning of another one.
fn without_word(text: &str, email: &str) -> String {
    let is_part = |character: char| character.is_alphanumeric() || "._%+-@".contains(character);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(email) {
        kept.push_str(before);
        // A full stop behind it may end a sentence.
        let is_whole = !kept.ends_with(is_part) && !after.trim_start_matches('.').starts_with(is_part);
        kept.push_str(if is_whole { DELETED_NAME } else { email });
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_goes_where_it_stands_whole() {
        let without = |text: &str| without_word(text, "ada@example.com");
        assert_eq!(without("ada@example.com"), DELETED_NAME);
        assert_eq!(without("to ada@example.com, twice: <ada@example.com>"), "to Deleted user, twice: <Deleted user>");
        assert_eq!(without("nada@example.com ada@example.com."), "nada@example.com Deleted user.");
        for other in ["", "nada@example.com", "ada@example.community", "x.ada@example.com"] {
            assert_eq!(without(other), other);
        }
    }
}
