//! The events of the sandbox: written down with what happened, and delivered by a job, signed, to what takes the events of every
//! provider.

use std::sync::Arc;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Sandbox, new_id};
use crate::db::{DbError, WriteTx};
use crate::ids::PaymentId;
use crate::jobs::{Job, JobContext, NewJob, Outcome, Priority, Tried, Work};
use crate::money::{Currency, Money};
use crate::payments::forget::QUEUE;
use crate::payments::provider::{
    Event, EventError, Forged, Method, News, Paid, Provider, ProviderKind, Receive, ShownMethod,
};
use crate::payments::signature;
use crate::schema::sandbox_events;
use crate::time::Timestamp;

const DELIVER: &str = "deliver sandbox event";

/// The body of an event.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    id: String,
    news: Written,
}

/// What happened, as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Written {
    Paid { reference: String, payment: String, amount: i64, currency: Currency, method: Option<WrittenMethod> },
    Declined { reference: String, reason: String },
    Ended { reference: String },
    MethodKept { session: String, method: WrittenMethod },
}

#[derive(Debug, Serialize, Deserialize)]
struct WrittenMethod {
    customer: String,
    id: String,
    brand: String,
    last_four: String,
    expires: Option<(i32, u32)>,
}

impl From<&Method> for WrittenMethod {
    fn from(method: &Method) -> Self {
        let ShownMethod { brand, last_four, expires } = method.shown.clone();
        Self { customer: method.customer.clone(), id: method.id.clone(), brand, last_four, expires }
    }
}

impl From<WrittenMethod> for Method {
    fn from(written: WrittenMethod) -> Self {
        let WrittenMethod { customer, id, brand, last_four, expires } = written;
        Self { customer, id, shown: ShownMethod { brand, last_four, expires } }
    }
}

pub(super) fn paid(
    tx: &mut WriteTx,
    reference: &str,
    payment: &str,
    amount: Money,
    method: Option<&Method>,
) -> Result<(), DbError> {
    let (reference, payment, method) = (reference.to_owned(), payment.to_owned(), method.map(WrittenMethod::from));
    send(tx, Written::Paid { reference, payment, amount: amount.minor, currency: amount.currency, method })
}

pub(super) fn declined(tx: &mut WriteTx, reference: &str, reason: &str) -> Result<(), DbError> {
    send(tx, Written::Declined { reference: reference.to_owned(), reason: reason.to_owned() })
}

pub(super) fn ended(tx: &mut WriteTx, reference: &str) -> Result<(), DbError> {
    send(tx, Written::Ended { reference: reference.to_owned() })
}

pub(super) fn kept(tx: &mut WriteTx, session: &str, method: &Method) -> Result<(), DbError> {
    send(tx, Written::MethodKept { session: session.to_owned(), method: method.into() })
}

/// Stores an event with the job that delivers it.
fn send(tx: &mut WriteTx, news: Written) -> Result<(), DbError> {
    let id = new_id("sbx_event");
    let body = serde_json::to_string(&Body { id: id.clone(), news }).expect("text and numbers can be written");
    let row = (sandbox_events::id.eq(&id), sandbox_events::body.eq(body), sandbox_events::created_at.eq(tx.now));
    diesel::insert_into(sandbox_events::table).values(row).execute(tx.connection)?;
    let job = NewJob { queue: QUEUE, kind: DELIVER, subject: &id, priority: Priority::Waiting, due_at: tx.now };
    Ok(tx.add_job(job)?)
}

impl Sandbox {
    /// The header under which the sandbox sends a body.
    pub fn sign(&self, body: &[u8], now: Timestamp) -> String {
        signature::sign(&self.key, body, now)
    }

    pub(super) fn read(&self, header: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError> {
        signature::verify(&self.key, header, body, now)?;
        let Body { id, news } = serde_json::from_slice(body).map_err(|_| Forged::Malformed)?;
        let row = |reference: String| PaymentId::parse(&reference).ok_or(Forged::Malformed);
        let news = match news {
            Written::Paid { reference, payment, amount: minor, currency, method } => {
                let amount = Money { minor, currency };
                let paid = Paid { provider_payment: payment, amount, method: method.map(Method::from) };
                News::Paid { payment: row(reference)?, paid }
            }
            Written::Declined { reference, reason } => News::Declined { payment: row(reference)?, reason },
            // A page that was opened to keep a method has no row of ours that waits for it.
            Written::Ended { reference } => {
                PaymentId::parse(&reference).map_or(News::Other, |payment| News::Ended { payment })
            }
            Written::MethodKept { session, method } => News::MethodKept { session, method: method.into() },
        };
        Ok(Event { id, news })
    }
}

/// Delivers the events, as a provider does: signed, and again where they were not taken.
pub struct Deliver {
    pub sandbox: Sandbox,
    pub provider: Arc<dyn Provider>,
    pub receive: Receive,
}

impl Deliver {
    fn deliver(&self, context: &JobContext, id: &str) -> Result<(), String> {
        let text = |error: DbError| error.to_string();
        let found: Result<Option<String>, DbError> = context.db.read(|connection| {
            Ok(sandbox_events::table.find(id).select(sandbox_events::body).first(connection).optional()?)
        });
        let Some(body) = found.map_err(text)? else { return Ok(()) };
        let now = context.transactions.clock.now();
        let header = self.sandbox.sign(body.as_bytes(), now);
        let event = self.provider.read_event(&header, body.as_bytes(), now).map_err(|error| error.to_string())?;
        context.write(|tx| (self.receive)(tx, ProviderKind::Sandbox, &event)).map_err(text)
    }
}

impl Work for Deliver {
    fn kind(&self) -> &'static str {
        DELIVER
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        match self.deliver(context, &job.subject) {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}
