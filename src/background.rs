//! What a portal does in the background: its queues, and the work in each.

use chrono::Duration;

use crate::accounts::{
    deletions, email_changes, kept_forms, passkeys, pending_sign_ins, resets, sessions, sign_in_notices, sign_ups,
    two_factor,
};
use crate::app::App;
use crate::closing::erase::{Erase, FindClosed};
use crate::credits::expiry::ExpireGrants;
use crate::credits::top_up_job;
use crate::db::{DbError, WriteTx};
use crate::jobs::{JobContext, Queue, Runner, Work};
use crate::licences::changes::job::ApplyChanges;
use crate::limits;
use crate::mail::{self, Backend, Delivery};
use crate::notifications::ends::{self, TellOfEnds};
use crate::notifications::log::{self, CopyDeliveries};
use crate::notifications::low_credits::TellOfLowBalance;
use crate::orders::events;
use crate::orders::giving_back::GiveBack;
use crate::orders::jobs::{self, EndOverdue, LookAtPayments};
use crate::orders::renewals::due::{self, FindRenewals};
use crate::orders::renewals::work::ChargeRenewals;
use crate::orders::top_up::work::ChargeTopUps;
use crate::payments::forget::{self, Forget};
use crate::payments::method_pages::{self, Look};
use crate::payments::provider::{Event, ProviderKind};
use crate::payments::sandbox::{self, events::Deliver};
use crate::people::links::EraseLinks;
use crate::people::ownership::open;
use crate::people::removals;
use crate::privacy::erase::DeleteAccounts;
use crate::privacy::exports::{self, MakeExport};

/// How many charges a process makes at once: it waits for the provider meanwhile.
const CHARGES_AT_ONCE: usize = 3;

/// Does all the work of a portal.
pub fn runner(app: &App) -> Runner {
    Runner::new(
        context(app),
        vec![
            mails(app, app.backend.clone()),
            payments(app),
            charges(app),
            privacy(),
            upkeep(app.config.licence_grace, app.config.closed_grace),
        ],
    )
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

/// What takes the events of the provider of payments, whichever way they arrive. Each may arrive more than once.
pub fn receive(tx: &mut WriteTx<'_>, provider: ProviderKind, event: &Event) -> Result<(), DbError> {
    events::receive(tx, provider, event).map(drop)
}

/// What is done about payments.
fn payments(app: &App) -> Queue {
    let mut work: Vec<Box<dyn Work>> = Vec::new();
    if let Some(payments) = &app.payments {
        let provider = || payments.provider().clone();
        work.push(Box::new(Forget { provider: provider() }));
        work.push(Box::new(Look { provider: provider() }));
        work.push(Box::new(GiveBack { provider: provider() }));
        if let Some(sandbox) = app.sandbox() {
            work.push(Box::new(Deliver { sandbox, provider: provider(), receive }));
        }
    }
    let provider = app.payments.as_ref().map(|payments| payments.provider().clone());
    work.push(Box::new(EndOverdue { provider: provider.clone() }));
    if let Some(provider) = provider {
        work.push(Box::new(LookAtPayments { provider }));
    }
    Queue::new(forget::QUEUE, 2, work)
}

/// Charges while nobody is there.
fn charges(app: &App) -> Queue {
    let grace = app.config.licence_grace;
    let mut work: Vec<Box<dyn Work>> = Vec::new();
    if let Some(payments) = &app.payments {
        let provider = payments.provider();
        work.push(Box::new(FindRenewals { grace }));
        work.push(Box::new(ChargeRenewals { provider: provider.clone(), grace }));
        work.push(Box::new(ChargeTopUps { provider: provider.clone() }));
    }
    Queue::new(top_up_job::QUEUE, CHARGES_AT_ONCE, work)
}

/// The kinds of work that recur.
pub fn recurring() -> Vec<&'static str> {
    // How long grace is changes nothing about which kinds there are.
    let mut kinds = upkeep(Duration::zero(), Duration::zero()).recurring();
    // These are done where there is a provider of payments, and known by their names wherever somebody asks.
    kinds.extend([jobs::END, jobs::LOOK, due::FIND, method_pages::LOOK]);
    kinds
}

/// The queues of the work that moves money.
pub const MONEY: [&str; 2] = [forget::QUEUE, top_up_job::QUEUE];

/// What people ask about their data.
fn privacy() -> Queue {
    Queue::new(exports::QUEUE, 1, vec![Box::new(MakeExport)])
}

/// Work that keeps the house in order.
fn upkeep(grace: Duration, closed_grace: Duration) -> Queue {
    let purges = [
        sessions::PURGE,
        sign_ups::PURGE,
        resets::PURGE,
        deletions::PURGE,
        email_changes::PURGE,
        sign_in_notices::PURGE,
        kept_forms::PURGE,
        passkeys::PURGE,
        pending_sign_ins::PURGE,
        limits::PURGE,
        removals::PURGE,
        open::PURGE,
        events::PURGE,
        method_pages::PURGE,
        log::PURGE,
        ends::PURGE,
        exports::PURGE,
    ]
    .into_iter()
    .chain(mail::PURGES)
    .chain(sandbox::PURGES);
    let work = purges.map(|purge| Box::new(purge) as Box<dyn Work>);
    let ends = TellOfEnds { grace };
    let others: [Box<dyn Work>; 10] = [
        Box::new(EraseLinks),
        Box::new(ExpireGrants),
        Box::new(ApplyChanges),
        Box::new(TellOfLowBalance),
        Box::new(ends),
        Box::new(CopyDeliveries),
        Box::new(FindClosed { grace: closed_grace }),
        Box::new(Erase),
        Box::new(DeleteAccounts),
        Box::new(two_factor::Reseal),
    ];
    Queue::new("upkeep", 1, work.chain(others).collect())
}
