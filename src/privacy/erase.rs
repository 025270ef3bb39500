//! Deleting the accounts whose time has come: each in one transaction, with everything that names its holder. What must stay stays without
//! them: the row of the user is emptied, and is somebody called "Deleted user" to whatever refers to it.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::mentions::{self, Mentions};
use crate::access::Actor;
use crate::accounts::deletions::{self, Deletion};
use crate::accounts::mail::{DeletionNews, DeletionTold};
use crate::accounts::users::{self, DELETED_NAME};
use crate::audit::{Action, By, Change, Topic};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, RecipientId, UserId};
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::names::full_name;
use crate::people::owners::Alone;
use crate::people::{deleted, owners};
use crate::schema::{
    account_deletions, activity, authenticator_apps, consents, credit_entries, data_exports, email_changes, kept_forms,
    notification_choices, notification_mails, notification_recipients, orders, passkeys, password_resets,
    payment_method_pages, payment_methods, pending_sign_ins, recovery_codes, removals, sign_in_notices, user_pictures,
    user_sessions, users as user_rows,
};
use crate::time::Timestamp;

/// How many accounts are looked for at once.
const BATCH: i64 = 100;

/// Deletes what is due, once an hour.
pub struct DeleteAccounts;

impl Work for DeleteAccounts {
    fn kind(&self) -> &'static str {
        "privacy.deletions"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        match delete_due(context) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}

/// One that fails keeps back none of the others.
fn delete_due(context: &JobContext) -> Result<(), DbError> {
    let (mut after, mut result) = (None, Ok(()));
    loop {
        let now = context.transactions.clock.now();
        let due = context.db.read(|connection| deletions::due(connection, after.as_ref(), BATCH, now))?;
        let Some(last) = due.last().cloned() else { return result };
        for user in &due {
            if let Err(error) = delete(context, user, now) {
                tracing::error!(user = user.as_str(), %error, "an account could not be deleted");
                result = Err(error);
            }
        }
        after = Some(last);
    }
}

fn delete(context: &JobContext, user: &UserId, now: Timestamp) -> Result<Erased, DbError> {
    let mentions = mentions::find(&context.db, user, now)?;
    context.write(|tx| erase(tx, &mentions))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    Erased,
    /// They are the only Owner of some Organizations by now. They are told, and what they asked for has ended.
    Blocked,
    /// Kept, suspended or deleted meanwhile.
    NotDue,
}

/// Deletes an account whose time has come. Done again, it finds nothing to do.
pub fn erase(tx: &mut WriteTx, mentions: &Mentions) -> Result<Erased, DbError> {
    let (user, now) = (&mentions.user, tx.now);
    if !users::lock_active(tx, user)? {
        return Ok(Erased::NotDue);
    }
    let due_at = deletions::of_user(tx.connection, user, now)?.and_then(Deletion::due_at);
    if due_at.is_none_or(|due_at| now < due_at) {
        return Ok(Erased::NotDue);
    }
    let account = user_rows::table.filter(user_rows::id.eq(user));
    let columns = (user_rows::email, user_rows::first_name, user_rows::last_name);
    let (email, first_name, last_name): (String, String, String) = account.select(columns).first(tx.connection)?;
    if !mentions.knows(&email) {
        return Err(DbError::Unexpected("the address changed while the log was read".to_owned()));
    }
    deleted::lock(tx, user, &email)?;
    let alone = owners::alone_in(tx.connection, user)?;
    if !alone.is_empty() {
        return block(tx, user, (&email, first_name, &last_name), alone);
    }
    let mut names = mentions.names(tx)?;
    names.push(full_name(&first_name, &last_name));
    deleted::take_away(tx, user, &email, &names)?;
    forget_account(tx, user)?;
    forget_notifications(tx, user, &email)?;
    forget_names(tx, user, &names)?;
    mentions.anonymise(tx)?;
    users::empty(tx, user)?;
    let (action, subject_id, subject_name) = (Action::AccountDeleted, user.as_str(), DELETED_NAME);
    let (before, after) = (Value::Null, Value::Null);
    tx.record(By::portal(), Change { action, subject_id, subject_name, before, after })?;
    // The last one: all the others are gone.
    tx.forget_mails_to(&email)?;
    tx.send(&email, &DeletionTold { first_name, news: DeletionNews::Deleted })?;
    Ok(Erased::Erased)
}

fn block(
    tx: &mut WriteTx,
    user: &UserId,
    (email, first_name, last_name): (&str, String, &str),
    alone: Vec<Alone>,
) -> Result<Erased, DbError> {
    deletions::end(tx, user)?;
    let organizations: Vec<String> = alone.into_iter().map(|organization| organization.name).collect();
    let (action, subject_id) = (Action::DeletionBlocked, user.as_str());
    let subject_name = &*full_name(&first_name, last_name);
    let (before, after) = (Value::Null, json!({ "organizations": organizations }));
    tx.record(By::portal(), Change { action, subject_id, subject_name, before, after })?;
    let link = tx.context.links.to("/account/privacy/deletion");
    tx.send(email, &DeletionTold { first_name, news: DeletionNews::Blocked { organizations, link } })?;
    Ok(Erased::Blocked)
}

macro_rules! delete_theirs {
    ($tx:expr, $user:expr, $($table:ident),* $(,)?) => {
        $(diesel::delete($table::table.filter($table::user_id.eq($user))).execute($tx.connection)?;)*
    };
}

/// What stands beside the account. What they agreed to goes, too: a record that names nobody proves nothing.
fn forget_account(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    delete_theirs!(
        tx,
        user,
        account_deletions,
        authenticator_apps,
        consents,
        data_exports,
        email_changes,
        kept_forms,
        passkeys,
        password_resets,
        pending_sign_ins,
        recovery_codes,
        removals,
        sign_in_notices,
        user_pictures,
        user_sessions,
    );
    Ok(())
}

/// What they were told of Organizations, and were to be told. That an address wants no mails any more is kept: it is whoever has it that
/// asked, and it holds for whoever has it.
fn forget_notifications(tx: &mut WriteTx, user: &UserId, email: &str) -> Result<(), DbError> {
    use notification_recipients as rows;
    delete_theirs!(tx, user, notification_choices);
    let told = notification_mails::user_id.eq(Some(user)).or(notification_mails::recipient.eq(email));
    diesel::delete(notification_mails::table.filter(told)).execute(tx.connection)?;
    let theirs = rows::table.filter(rows::email.eq(email)).filter(rows::removed_at.is_null());
    let found: Vec<(RecipientId, OrganizationId)> =
        theirs.select((rows::id, rows::organization_id)).load(tx.connection)?;
    for (id, organization) in found {
        let (action, subject_id, subject_name) = (Action::RecipientRemoved, id.as_str(), DELETED_NAME);
        let (before, after) = (Value::Null, Value::Null);
        let by = By::outside(Actor::Job, &organization);
        tx.record(by, Change { action, subject_id, subject_name, before, after })?;
    }
    diesel::update(theirs.filter(rows::unsubscribed_at.is_not_null()))
        .set((
            rows::removed_at.eq(Some(tx.now)),
            rows::secret_hash.eq(None::<String>),
            rows::confirm_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    diesel::delete(theirs.filter(rows::unsubscribed_at.is_null())).execute(tx.connection)?;
    Ok(())
}

/// Their name where it was copied beside what they did for an Organization.
fn forget_names(tx: &mut WriteTx, user: &UserId, names: &[String]) -> Result<(), DbError> {
    diesel::update(orders::table.filter(orders::placed_by.eq(Some(user))))
        .set(orders::placed_by_name.eq(DELETED_NAME))
        .execute(tx.connection)?;
    diesel::update(payment_method_pages::table.filter(payment_method_pages::opened_by.eq(user)))
        .set(payment_method_pages::opened_by_name.eq(DELETED_NAME))
        .execute(tx.connection)?;
    let theirs = activity::table.filter(activity::actor_id.eq(user));
    // Of what an Organization pays with and of the ledger, only the log knows who it was.
    let paid_for: Vec<OrganizationId> = theirs
        .filter(activity::action.eq(Action::PaymentMethodKept))
        .filter(activity::organization_id.is_not_null())
        .select(activity::organization_id.assume_not_null())
        .distinct()
        .load(tx.connection)?;
    for organization in paid_for {
        let kept = payment_methods::table.filter(payment_methods::organization_id.eq(organization));
        diesel::update(kept.filter(payment_methods::kept_by.eq_any(names)))
            .set(payment_methods::kept_by.eq(DELETED_NAME))
            .execute(tx.connection)?;
    }
    let booked = theirs.filter(activity::topic.eq(Topic::Credits)).select(activity::subject_id);
    diesel::update(credit_entries::table.filter(credit_entries::id.eq_any(booked)))
        .set(credit_entries::actor_name.eq(DELETED_NAME))
        .execute(tx.connection)?;
    Ok(())
}
