//! What a portal does in the background: its queues, and the work in each.

use crate::accounts::{kept_forms, resets, sessions, sign_ups};
use crate::app::App;
use crate::credits::expiry::ExpireGrants;
use crate::db::{DbError, WriteTx};
use crate::jobs::{JobContext, Queue, Runner, Work};
use crate::limits;
use crate::mail::{self, Backend, Delivery};
use crate::orders::events;
use crate::orders::jobs::{EndOverdue, LookAtPayments};
use crate::payments::provider::{Event, ProviderKind};
use crate::payments::sandbox::{self, events::Deliver};
use crate::people::links::EraseLinks;
use crate::people::removals;

/// Does all the work of a portal.
pub fn runner(app: &App) -> Runner {
    Runner::new(context(app), vec![mails(app, app.backend.clone()), payments(app), upkeep()])
        .on_roll(&app.readiness.roll)
}

/// Delivers its mails to `backend`, and does nothing else.
pub fn mail_runner(app: &App, backend: Backend) -> Runner {
    Runner::new(context(app), vec![mails(app, backend)])
}

fn context(app: &App) -> JobContext {
    JobContext { db: app.db.clone(), transactions: app.context.clone() }
}

fn mails(app: &App, backend: Backend) -> Queue {
    Queue::new(mail::QUEUE, app.config.mail_lanes, vec![Box::new(Delivery { backend })])
}

/// What takes the events of the provider of payments, whichever way they arrive.
pub fn receive(tx: &mut WriteTx<'_>, provider: ProviderKind, event: &Event) -> Result<(), DbError> {
    events::receive(tx, provider, event).map(drop)
}

/// What is done about payments.
fn payments(app: &App) -> Queue {
    let mut work: Vec<Box<dyn Work>> = Vec::new();
    if let (Some(payments), Some(sandbox)) = (&app.payments, app.sandbox()) {
        work.push(Box::new(Deliver { sandbox, provider: payments.provider().clone(), receive }));
    }
    let provider = app.payments.as_ref().map(|payments| payments.provider().clone());
    work.push(Box::new(EndOverdue { provider: provider.clone() }));
    if let Some(provider) = provider {
        work.push(Box::new(LookAtPayments { provider }));
    }
    Queue::new(sandbox::events::QUEUE, 2, work)
}

/// Work that keeps the house in order.
fn upkeep() -> Queue {
    let purges = [
        sessions::PURGE,
        sign_ups::PURGE,
        resets::PURGE,
        kept_forms::PURGE,
        limits::PURGE,
        removals::PURGE,
        events::PURGE,
    ]
    .into_iter()
    .chain(mail::PURGES)
    .chain(sandbox::PURGES);
    let work = purges.map(|purge| Box::new(purge) as Box<dyn Work>);
    let others: [Box<dyn Work>; 2] = [Box::new(EraseLinks), Box::new(ExpireGrants)];
    Queue::new("upkeep", 1, work.chain(others).collect())
}
