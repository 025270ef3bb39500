//! Erasing what was closed and cannot be restored any more, a batch at a time.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Actor, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::jobs::{Job, JobContext, NewJob, Outcome, Priority, Tried, Work};
use crate::payments::methods;
use crate::schema::{organizations, payment_customers, users};

const QUEUE: &str = "upkeep";
const ERASE: &str = "closing.erase";
/// How many Organizations are taken up at once, and how many rows of a table are erased in a transaction.
const BATCH: usize = 200;

/// What is erased: the tables, and the column by which their rows are taken. The order is that of what refers to what.
const TABLES: [(&str, &str); 13] = [
    ("people_terms", "entry_id"),
    ("people_counts", "kind"),
    ("invitations", "id"),
    ("invitation_blocks", "email"),
    ("ownership_offers", "id"),
    ("removals", "id"),
    ("licence_seats", "id"),
    ("licence_grants", "id"),
    ("notification_recipients", "id"),
    ("notification_choices", "user_id"),
    ("notification_mails", "id"),
    ("organization_logos", "organization_id"),
    ("memberships", "id"),
];

/// Takes up what is due, once an hour: from then on it cannot be restored.
pub struct FindClosed {
    pub grace: Duration,
}

impl Work for FindClosed {
    fn kind(&self) -> &'static str {
        "closing.due"
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::hours(1))
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        match context.write(|tx| begin(tx, self.grace)) {
            Ok(BATCH..) => Outcome::More,
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}

/// Marks what is due, and stores a job for each. Answers how many there were.
fn begin(tx: &mut WriteTx, grace: Duration) -> Result<usize, DbError> {
    let until = tx.now - grace;
    let due: Vec<OrganizationId> = organizations::table
        .filter(organizations::erased_at.is_null())
        .filter(organizations::closed_at.le(until))
        .order(organizations::closed_at)
        .limit(BATCH as i64)
        .select(organizations::id)
        .load(tx.connection)?;
    for id in &due {
        lock_organization(tx, id)?;
        // Unless it was restored meanwhile.
        let still = organizations::table
            .filter(organizations::id.eq(id))
            .filter(organizations::erased_at.is_null())
            .filter(organizations::closed_at.le(until));
        if diesel::update(still).set(organizations::erased_at.eq(Some(tx.now))).execute(tx.connection)? == 1 {
            let (subject, priority, due_at) = (id.as_str(), Priority::Usual, tx.now);
            tx.add_job(NewJob { queue: QUEUE, kind: ERASE, subject, priority, due_at })?;
        }
    }
    Ok(due.len())
}

/// Erases one.
pub struct Erase;

impl Work for Erase {
    fn kind(&self) -> &'static str {
        ERASE
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        let Some(organization) = OrganizationId::parse(&job.subject) else {
            return Outcome::GivenUp { error: "it names no Organization".to_owned() }.into();
        };
        match context.write(|tx| erase(tx, &organization)) {
            Ok(true) => Outcome::Done,
            Ok(false) => Outcome::More,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}

/// Erases a batch, and answers whether that was the last. Done again, it finds nothing more to do.
fn erase(tx: &mut WriteTx, organization: &OrganizationId) -> Result<bool, DbError> {
    lock_organization(tx, organization)?;
    let row = organizations::table.find(organization).filter(organizations::erased_at.is_not_null());
    let Some(name) = row.select(organizations::name).first::<String>(tx.connection).optional()? else {
        return Ok(true);
    };
    for (table, key) in TABLES {
        if tx.delete_of(table, key, organization.as_str(), BATCH)? > 0 {
            return Ok(false);
        }
    }
    let begin_there: Vec<UserId> = users::table
        .filter(users::default_organization_id.eq(organization.as_str()))
        .limit(BATCH as i64)
        .select(users::id)
        .load(tx.connection)?;
    if !begin_there.is_empty() {
        diesel::update(users::table.filter(users::id.eq_any(&begin_there)))
            .set(users::default_organization_id.eq(None::<String>))
            .execute(tx.connection)?;
        return Ok(false);
    }
    methods::erase(tx, organization)?;
    diesel::delete(payment_customers::table.filter(payment_customers::organization_id.eq(organization)))
        .execute(tx.connection)?;
    forget_settings(tx, organization)?;
    let (action, subject_id) = (Action::OrganizationErased, organization.as_str());
    let (before, after) = (Value::Null, Value::Null);
    tx.record(
        By::outside(Actor::Job, organization),
        Change { action, subject_id, subject_name: &name, before, after },
    )?;
    Ok(true)
}

/// Its row stays for what refers to it. Invoices are copies, and have their own.
fn forget_settings(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    use organizations as row;
    diesel::update(row::table.find(organization))
        .set((
            (row::website.eq(""), row::legal_name.eq(""), row::tax_id.eq(""), row::logo_hash.eq("")),
            (row::postal_address.eq(""), row::zip.eq(""), row::city.eq("")),
            (row::officer_name.eq(""), row::officer_position.eq(""), row::officer_phone.eq("")),
            row::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    Ok(())
}
