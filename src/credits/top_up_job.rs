//! The job that tops credits up, as it is stored. What it does stands with the orders.

use crate::db::{DbError, WriteTx};
use crate::ids::{JobId, OrganizationId};
use crate::jobs::{NewJob, Priority};
use crate::time::Timestamp;

/// Its kind. Its subject is the Organization and something that is new each time.
pub const KIND: &str = "credits.top_up";
/// Charges wait for the provider of payments: they have a queue of their own.
pub const QUEUE: &str = "charges";

/// The Organization that such a job is about.
pub fn organization_of(subject: &str) -> Option<OrganizationId> {
    subject.split_once(' ').and_then(|(organization, _)| OrganizationId::parse(organization))
}

/// Stores one.
pub fn add(tx: &mut WriteTx, organization: &OrganizationId, due_at: Timestamp) -> Result<(), DbError> {
    // An earlier job about the same may be under way, and must not keep this one out.
    let subject = format!("{organization} {}", JobId::new(tx.now));
    Ok(tx.add_job(NewJob { queue: QUEUE, kind: KIND, subject: &subject, priority: Priority::Usual, due_at })?)
}
