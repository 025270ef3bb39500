//! What a provider tells: each event is taken once.

use chrono::Duration;
use diesel::prelude::*;

use super::payment::{self, Status};
use super::settle::{Settle, settle};
use crate::db::{DbError, WriteTx, is_unique};
use crate::jobs::Purge;
use crate::payments::method_pages;
use crate::payments::provider::{Event, News, ProviderKind};
use crate::schema::provider_events;

/// Forgets which events were told, long after any provider tells one again.
pub const PURGE: Purge = Purge {
    kind: "orders.events.purge",
    table: "provider_events",
    key: "id",
    moment: "received_at",
    kept: Duration::days(90),
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receive {
    /// Money arrived.
    Settle(Settle),
    /// It was noted.
    Noted,
    /// It was told before. Nothing was changed.
    Already,
}

/// Takes an event that is believed, unless it was told before.
pub fn receive(tx: &mut WriteTx, provider: ProviderKind, event: &Event) -> Result<Receive, DbError> {
    let key: &str = provider.into();
    let row = (provider_events::id.eq(format!("{key} {}", event.id)), provider_events::received_at.eq(tx.now));
    let stored = tx.savepoint(|connection| diesel::insert_into(provider_events::table).values(row).execute(connection));
    match stored {
        Ok(_) => {}
        Err(error) if is_unique(&error, "provider_events_pkey", "provider_events.id") => return Ok(Receive::Already),
        Err(error) => return Err(error.into()),
    }
    match &event.news {
        News::Paid { payment, paid } => return settle(tx, payment, paid).map(Receive::Settle),
        News::Declined { payment, reason } => payment::note_failure(tx, payment, reason)?,
        News::Ended { payment } => payment::close(tx, payment, Status::Ended, "")?,
        News::MethodKept { session, method } => drop(method_pages::settle(tx, provider, session, method)?),
        News::Other => {}
    }
    Ok(Receive::Noted)
}
