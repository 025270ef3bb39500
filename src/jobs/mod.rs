//! Jobs: work that is stored with the change that causes it and done in the background, by whichever process comes first.
//!
//! A job stands in a queue until its time comes. Who wants to do it claims it: the claim is in the row, and is renewed while the
//! work goes on. A process that dies leaves claims that run out, and another process does the work again; the result of a try
//! counts only as long as its claim does. What fails comes again later, and later each time. A panic ends a try, nothing else.
//! What recurs stays in its row, which says when it ran, when it was done and why it failed last (`recurring`).
//!
//! What is to be done for a kind of job ([`Work`]) stands with the noun that it belongs to; which queues there are and how many
//! lanes each has is said in `background.rs`.

mod claim;
mod job;
mod lanes;
mod purge;
mod recurring;
mod runner;
mod work;

pub use job::{Job, NewJob, Priority};
pub use purge::Purge;
pub use recurring::{Failing, Recurring, failing, recurring};
pub use runner::{Queue, Runner, RunnerHandle};
pub use work::{JobContext, Outcome, Tried, Work};
