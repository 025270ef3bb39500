//! Telling that a payment failed.

use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::notifications::kinds::Kind;
use crate::notifications::mail::PaymentFailed;
use crate::notifications::send::{About, tell};

/// A payment that failed, in words.
#[derive(Clone, Copy, Debug)]
pub struct PaymentProblem<'a> {
    /// What was to be paid: "The renewal of Mapper, Yearly".
    pub what: &'a str,
    /// How much, with its currency.
    pub amount: &'a str,
    /// Whole sentences: what happens next, and when.
    pub next: &'a str,
}

/// Tells those who want to hear of payment problems, and answers how many. To be called in the transaction that notes the failure.
/// Locks the Organization.
pub fn payment_problem(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    problem: &PaymentProblem<'_>,
) -> Result<usize, DbError> {
    let about = About::locked(tx, organization)?;
    let link = about.link(tx, "/plans/payment-method");
    tell(tx, &about, Kind::Payments, |reader, unsubscribe_link| PaymentFailed {
        reader,
        what: problem.what.to_owned(),
        amount: problem.amount.to_owned(),
        next: problem.next.to_owned(),
        link: link.clone(),
        unsubscribe_link,
    })
}
