//! What people are told of a renewal that failed.

use crate::db::WriteTx;
use crate::licences::automatic::Problem;
use crate::licences::licence::Licence;
use crate::licences::terms::last_moment;
use crate::notifications::PaymentProblem;
use crate::time::{Calendar, Timestamp, When};

pub(super) struct Telling {
    what: String,
    amount: String,
    next: String,
}

impl Telling {
    pub(super) fn new(
        tx: &WriteTx,
        licence: &Licence,
        problem: Problem,
        reason: &str,
        next_try_at: Option<Timestamp>,
    ) -> Self {
        let when = |at| When::new(at, tx.now, Calendar::USUAL);
        let why = match problem {
            Problem::NoMethod => "There is no payment method to charge.".to_owned(),
            Problem::Declined if reason.is_empty() => "The bank declined the charge.".to_owned(),
            Problem::Declined => format!("The bank declined the charge: {}.", reason.trim_end_matches('.')),
        };
        let end = licence.ends_at.map(|end| when(last_moment(end)).words()).unwrap_or_default();
        let then = match next_try_at {
            Some(at) => format!(
                "It is tried again on {}. If nothing can be charged until the end of {end}, the licence ends then.",
                when(at).words()
            ),
            None => format!(
                "This was the last try. The last day of the licence is {end}; after it seats are kept for a while, \
                 and it can be renewed by hand."
            ),
        };
        Self {
            what: format!("The renewal of {}, {}", licence.product, licence.plan),
            amount: licence.price().map(|price| price.to_string()).unwrap_or_default(),
            next: format!("{why} {then}"),
        }
    }

    pub(super) fn problem(&self) -> PaymentProblem<'_> {
        PaymentProblem { what: &self.what, amount: &self.amount, next: &self.next }
    }
}
