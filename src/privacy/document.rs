//! Everything that is stored about somebody, as one JSON document: an object with a list of rows for each kind. Passwords, hashes,
//! secrets and what is sealed are no part of it. `tests/it/privacy/tables.rs` compares it with the tables of the database.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{NaiveDate, SecondsFormat};
use diesel::prelude::*;
use serde_json::{Map, Value, json};

use crate::db::{Connection, DbError};
use crate::ids::UserId;
use crate::schema::{
    account_deletions, activity, authenticator_apps, consents, data_exports, email_changes, invitation_blocks,
    invitations, invoices, licence_grants, licence_seats, memberships, notification_choices, notification_mails,
    notification_recipients, orders, organizations, outbox, ownership_offers, passkeys, password_resets,
    payment_method_pages, recovery_codes, removals, sign_in_notices, user_pictures, user_sessions, users,
};
use crate::time::Timestamp;

/// Rows of the activity log read at a time.
const BATCH: i64 = 1_000;
/// The longest document, before it is compressed.
const MOST_BYTES: usize = 200 << 20;

/// A value of a column, as the document has it.
trait Cell {
    fn cell(self) -> Value;
}

impl Cell for String {
    fn cell(self) -> Value {
        self.into()
    }
}

impl Cell for bool {
    fn cell(self) -> Value {
        self.into()
    }
}

impl Cell for i32 {
    fn cell(self) -> Value {
        self.into()
    }
}

impl Cell for i64 {
    fn cell(self) -> Value {
        self.into()
    }
}

impl Cell for Timestamp {
    fn cell(self) -> Value {
        self.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true).into()
    }
}

impl Cell for NaiveDate {
    fn cell(self) -> Value {
        self.to_string().into()
    }
}

impl Cell for Vec<u8> {
    fn cell(self) -> Value {
        STANDARD.encode(self).into()
    }
}

impl<T: Cell> Cell for Option<T> {
    fn cell(self) -> Value {
        self.map_or(Value::Null, Cell::cell)
    }
}

/// These columns of the rows that a query finds.
macro_rules! rows {
    ($connection:expr, $table:ident: $query:expr, { $($column:ident: $type:ty),* $(,)? }) => {{
        let found: Vec<($($type,)*)> = $query.select(($($table::$column,)*)).load($connection)?;
        let object = |($($column,)*): ($($type,)*)| {
            let mut row = Map::new();
            $(row.insert(stringify!($column).to_owned(), $column.cell());)*
            Value::Object(row)
        };
        found.into_iter().map(object).collect::<Vec<Value>>()
    }};
}

/// Writes the document part by part, so that only one part is in memory, and the rest compressed.
struct Writer {
    to: zstd::stream::write::Encoder<'static, Vec<u8>>,
    bytes: usize,
    sections: usize,
    /// Whether the list that was begun last has some.
    has_rows: bool,
}

impl Writer {
    fn new() -> Result<Self, DbError> {
        Ok(Self {
            to: zstd::stream::write::Encoder::new(Vec::new(), 3).map_err(failed)?,
            bytes: 0,
            sections: 0,
            has_rows: false,
        })
    }

    fn text(&mut self, text: &str) -> Result<(), DbError> {
        self.bytes += text.len();
        if self.bytes > MOST_BYTES {
            return Err(DbError::Unexpected("what is stored about them is more than one file may have".to_owned()));
        }
        self.to.write_all(text.as_bytes()).map_err(failed)
    }

    /// Begins a list. Its rows follow.
    fn begin(&mut self, name: &str) -> Result<(), DbError> {
        let before = if self.sections == 0 { "{" } else { "\n],\n" };
        self.sections += 1;
        self.has_rows = false;
        self.text(&format!("{before}{}: [", json!(name)))
    }

    fn rows(&mut self, rows: &[Value]) -> Result<(), DbError> {
        for row in rows {
            self.text(if self.has_rows { ",\n" } else { "\n" })?;
            self.has_rows = true;
            self.text(&row.to_string())?;
        }
        Ok(())
    }

    fn section(&mut self, name: &str, rows: &[Value]) -> Result<(), DbError> {
        self.begin(name)?;
        self.rows(rows)
    }

    fn end(mut self) -> Result<Vec<u8>, DbError> {
        self.text("\n]}\n")?;
        self.to.finish().map_err(failed)
    }
}

fn failed(error: std::io::Error) -> DbError {
    DbError::Unexpected(format!("the document: {error}"))
}

/// The document, compressed.
pub fn compressed(connection: &mut Connection, user: &UserId, now: Timestamp) -> Result<Vec<u8>, DbError> {
    let mut writer = Writer::new()?;
    writer.section("document", &[json!({ "account": user.as_str(), "made_at": now.cell() })])?;
    let email: String = users::table.filter(users::id.eq(user)).select(users::email).first(connection)?;
    of_the_account(&mut writer, connection, user)?;
    of_organizations(&mut writer, connection, user, &email)?;
    of_money_and_mails(&mut writer, connection, user, &email)?;
    of_activity(&mut writer, connection, user)?;
    writer.end()
}

fn of_the_account(writer: &mut Writer, connection: &mut Connection, user: &UserId) -> Result<(), DbError> {
    let rows = rows!(connection, users: users::table.filter(users::id.eq(user)), {
        id: String, email: String, first_name: String, last_name: String, company: String, job_title: String,
        phone: String, country: String, industries: String, created_at: Timestamp, updated_at: Timestamp,
        suspended_at: Option<Timestamp>, time_zone: String, date_format: String,
        default_organization_id: Option<String>, two_factor_at: Option<Timestamp>, organization_news: bool,
    });
    writer.section("profile", &rows)?;
    let pictures = user_pictures::table.filter(user_pictures::user_id.eq(user));
    writer.section("picture", &rows!(connection, user_pictures: pictures, { content: Vec<u8> }))?;
    let rows = rows!(connection, user_sessions: user_sessions::table.filter(user_sessions::user_id.eq(user)), {
        id: String, created_at: Timestamp, last_seen_at: Timestamp, authenticated_at: Timestamp,
        expires_at: Timestamp, ip: String, user_agent: String,
    });
    writer.section("sessions", &rows)?;
    of_what_signs_in(writer, connection, user)?;
    let resets = password_resets::table.filter(password_resets::user_id.eq(user));
    let rows = rows!(connection, password_resets: resets, {
        email: String, created_at: Timestamp, expires_at: Timestamp, used_at: Option<Timestamp>,
    });
    writer.section("password_resets", &rows)?;
    let rows = rows!(connection, email_changes: email_changes::table.filter(email_changes::user_id.eq(user)), {
        old_email: String, new_email: String, created_at: Timestamp, expires_at: Timestamp,
    });
    writer.section("email_changes", &rows)?;
    let notices = sign_in_notices::table.filter(sign_in_notices::user_id.eq(user));
    let rows = rows!(connection, sign_in_notices: notices, {
        ip: String, browser: String, created_at: Timestamp, expires_at: Timestamp, used_at: Option<Timestamp>,
    });
    writer.section("sign_in_notices", &rows)?;
    let rows = rows!(connection, consents: consents::table.filter(consents::user_id.eq(user)), {
        number: i32, kind: String, given: bool, at: Timestamp, ip: String, wording: i32,
    });
    writer.section("consents", &rows)?;
    let deletions = account_deletions::table.filter(account_deletions::user_id.eq(user));
    let rows = rows!(connection, account_deletions: deletions, {
        asked_at: Timestamp, expires_at: Option<Timestamp>, due_at: Option<Timestamp>,
    });
    writer.section("account_deletions", &rows)?;
    let exports = data_exports::table.filter(data_exports::user_id.eq(user));
    writer.section("data_exports", &rows!(connection, data_exports: exports, { asked_at: Timestamp }))
}

fn of_what_signs_in(writer: &mut Writer, connection: &mut Connection, user: &UserId) -> Result<(), DbError> {
    let rows = rows!(connection, passkeys: passkeys::table.filter(passkeys::user_id.eq(user)), {
        name: String, created_at: Timestamp, last_used_at: Option<Timestamp>,
    });
    writer.section("passkeys", &rows)?;
    let apps = authenticator_apps::table.filter(authenticator_apps::user_id.eq(user));
    writer.section("authenticator_apps", &rows!(connection, authenticator_apps: apps, { created_at: Timestamp }))?;
    let rows = rows!(connection, recovery_codes: recovery_codes::table.filter(recovery_codes::user_id.eq(user)), {
        created_at: Timestamp, used_at: Option<Timestamp>,
    });
    writer.section("recovery_codes", &rows)
}

fn of_organizations(
    writer: &mut Writer,
    connection: &mut Connection,
    user: &UserId,
    email: &str,
) -> Result<(), DbError> {
    let rows = rows!(connection, memberships: memberships::table.filter(memberships::user_id.eq(user)), {
        id: String, organization_id: String, role: String, inviter_name: String, created_at: Timestamp,
        updated_at: Timestamp, last_active_on: Option<NaiveDate>, last_opened_at: Option<Timestamp>,
    });
    writer.section("memberships", &rows)?;
    let joined: Vec<String> =
        rows.iter().filter_map(|row| row["organization_id"].as_str().map(str::to_owned)).collect();
    let mut theirs = Vec::new();
    for id in &joined {
        let one = organizations::table.filter(organizations::id.eq(id));
        theirs.extend(rows!(connection, organizations: one, { id: String, slug: String, name: String }));
    }
    writer.section("organizations", &theirs)?;
    let rows = rows!(connection, organizations: organizations::table.filter(organizations::created_by.eq(user)), {
        id: String, name: String, created_at: Timestamp,
    });
    writer.section("organizations_created", &rows)?;
    let rows = rows!(connection, invitations: invitations::table.filter(invitations::email.eq(email)), {
        id: String, organization_id: String, role: String, sent_at: Timestamp, expires_at: Timestamp,
        outcome: Option<String>, closed_at: Option<Timestamp>,
    });
    writer.section("invitations_received", &rows)?;
    let rows = rows!(connection, invitations: invitations::table.filter(invitations::invited_by.eq(user)), {
        id: String, organization_id: String, email: String, role: String, sent_at: Timestamp, expires_at: Timestamp,
        outcome: Option<String>, closed_at: Option<Timestamp>,
    });
    writer.section("invitations_sent", &rows)?;
    let blocks = invitation_blocks::table.filter(invitation_blocks::email.eq(email));
    let rows = rows!(connection, invitation_blocks: blocks, { organization_id: String, created_at: Timestamp });
    writer.section("invitations_refused", &rows)?;
    let made = ownership_offers::table.filter(ownership_offers::offered_by.eq(user));
    let rows = rows!(connection, ownership_offers: made, {
        organization_id: String, role: String, offered_at: Timestamp, expires_at: Timestamp,
    });
    writer.section("ownership_offers_made", &rows)?;
    let received = ownership_offers::table.filter(ownership_offers::offered_to.eq(user));
    let rows = rows!(connection, ownership_offers: received, {
        organization_id: String, role: String, offered_at: Timestamp, expires_at: Timestamp,
    });
    writer.section("ownership_offers_received", &rows)?;
    let rows = rows!(connection, removals: removals::table.filter(removals::user_id.eq(user)), {
        organization_id: String, role: String, removed_at: Timestamp, last_active_on: Option<NaiveDate>,
    });
    writer.section("removed_from", &rows)?;
    let rows = rows!(connection, removals: removals::table.filter(removals::removed_by.eq(user)), {
        organization_id: String, entry_id: String, removed_at: Timestamp,
    });
    writer.section("removed", &rows)?;
    let rows = rows!(connection, licence_seats: licence_seats::table.filter(licence_seats::user_id.eq(user)), {
        licence_id: String, organization_id: String, occupied_at: Timestamp,
    });
    writer.section("seats", &rows)?;
    let rows = rows!(connection, licence_grants: licence_grants::table.filter(licence_grants::user_id.eq(user)), {
        licence_id: String, organization_id: String, granted_at: Timestamp,
    });
    writer.section("licence_access", &rows)
}

fn of_money_and_mails(
    writer: &mut Writer,
    connection: &mut Connection,
    user: &UserId,
    email: &str,
) -> Result<(), DbError> {
    let rows = rows!(connection, orders: orders::table.filter(orders::placed_by.eq(user)), {
        id: String, organization_id: String, number: String, kind: String, placed_at: Timestamp, status: String,
        currency: String, total: i64,
    });
    writer.section("orders", &rows)?;
    let placed: Vec<String> = rows.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect();
    writer.begin("invoices")?;
    for order in &placed {
        let rows = rows!(connection, invoices: invoices::table.filter(invoices::order_id.eq(order)), {
            number: String, kind: String, order_number: String, issued_at: Timestamp, currency: String, total: i64,
        });
        writer.rows(&rows)?;
    }
    let opened = payment_method_pages::table.filter(payment_method_pages::opened_by.eq(user));
    let rows = rows!(connection, payment_method_pages: opened, { organization_id: String, opened_at: Timestamp });
    writer.section("payment_pages", &rows)?;
    let choices = notification_choices::table.filter(notification_choices::user_id.eq(user));
    let rows = rows!(connection, notification_choices: choices, {
        organization_id: String, expiring: bool, expired: bool, low_credits: bool, payments: bool,
    });
    writer.section("notification_choices", &rows)?;
    let recipients = notification_recipients::table.filter(notification_recipients::email.eq(email));
    let rows = rows!(connection, notification_recipients: recipients, {
        organization_id: String, created_at: Timestamp, confirmed_at: Option<Timestamp>,
        unsubscribed_at: Option<Timestamp>, removed_at: Option<Timestamp>,
    });
    writer.section("notification_addresses", &rows)?;
    let mails = notification_mails::table.filter(notification_mails::user_id.eq(user));
    let rows = rows!(connection, notification_mails: mails, {
        organization_id: String, occasion: String, subject: String, recipient: String, sent_at: Timestamp,
        delivered_at: Option<Timestamp>, failed_at: Option<Timestamp>,
    });
    writer.section("notification_mails", &rows)?;
    let rows = rows!(connection, outbox: outbox::table.filter(outbox::recipient.eq(email)), {
        kind: String, created_at: Timestamp, delivered_at: Option<Timestamp>, failed_at: Option<Timestamp>,
    });
    writer.section("mails", &rows)
}

/// What was done to the account, and what its holder did anywhere.
fn of_activity(writer: &mut Writer, connection: &mut Connection, user: &UserId) -> Result<(), DbError> {
    let of_account = activity::table.filter(activity::subject_id.eq(user)).filter(activity::organization_id.is_null());
    let rows = rows!(connection, activity: of_account, {
        at: Timestamp, actor_name: String, ip: String, action: String, before: String, after: String,
    });
    writer.section("security_events", &rows)?;
    writer.begin("activity")?;
    let mut last = String::new();
    loop {
        let theirs = activity::table
            .filter(activity::actor_id.eq(user))
            .filter(activity::id.gt(&last))
            .order(activity::id)
            .limit(BATCH);
        let rows = rows!(connection, activity: theirs, {
            id: String, organization_id: Option<String>, at: Timestamp, actor_role: String, ip: String,
            action: String, subject_name: String, before: String, after: String,
        });
        writer.rows(&rows)?;
        match rows.last().and_then(|row| row["id"].as_str()) {
            Some(id) if rows.len() as i64 == BATCH => id.clone_into(&mut last),
            _ => return Ok(()),
        }
    }
}
