//! The link of an open invitation, for those who may send it again: mails are blocked, and links are sent by other ways.

use chrono::Duration;
use diesel::prelude::*;

use crate::access::Scope;
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::InvitationId;
use crate::jobs::{Job, JobContext, Outcome, Tried, Work};
use crate::limits::TooOften;
use crate::people::invitations;
use crate::people::invite::{Found, locked};
use crate::rates::Limit;
use crate::schema::invitations as rows;

#[derive(Clone, PartialEq, Eq)]
pub enum ShowLink {
    Shown {
        link: String,
    },
    /// It would work no more.
    Expired,
    /// Sent before links were kept, or by an installation with another key.
    NotKept,
    NotAllowed,
    /// Accepted, declined or withdrawn meanwhile, or never here.
    Gone,
    TooOften(TooOften),
}

/// The link as it was mailed last. Everybody who looks at it is recorded.
pub fn show(tx: &mut WriteTx, scope: &Scope, id: &InvitationId) -> Result<ShowLink, DbError> {
    let (scope, invitation) = match locked(tx, scope, id)? {
        Found::Here(scope, invitation) => (scope, invitation),
        Found::NotAllowed => return Ok(ShowLink::NotAllowed),
        Found::Gone => return Ok(ShowLink::Gone),
    };
    if invitation.is_expired(tx.now) {
        return Ok(ShowLink::Expired);
    }
    let Some(secret) = invitations::secret_of(tx, id)? else {
        return Ok(ShowLink::NotKept);
    };
    if let Some(too_often) = tx.take(Limit::InvitationLinkShown, id.as_str())?.refusal() {
        return Ok(ShowLink::TooOften(too_often));
    }
    invitations::record(tx, By::member(&scope), &invitation, Action::InvitationLinkShown)?;
    Ok(ShowLink::Shown { link: tx.context.links.to(&format!("/invitations/{}", secret.as_str())) })
}

/// How long the link of a withdrawn invitation is kept: as long as the withdrawal can be undone.
const KEPT: Duration = Duration::minutes(10);
/// How many are erased in a transaction.
const BATCH: usize = 1_000;

/// Erases the links of invitations that were withdrawn for good. Those that were answered lose theirs at once.
pub struct EraseLinks;

impl Work for EraseLinks {
    fn kind(&self) -> &'static str {
        "invitations.links.erase"
    }

    fn every(&self) -> Option<Duration> {
        Some(KEPT)
    }

    fn run(&self, context: &JobContext, job: &Job) -> Tried {
        match context.write(erase) {
            Ok(BATCH..) => Outcome::More,
            Ok(_) => Outcome::Done,
            Err(error) => Outcome::failed(job, error),
        }
        .into()
    }
}

fn erase(tx: &mut WriteTx) -> Result<usize, DbError> {
    let over: Vec<InvitationId> = rows::table
        .filter(rows::sealed_secret.is_not_null())
        .filter(rows::closed_at.le(tx.now - KEPT))
        .limit(BATCH as i64)
        .select(rows::id)
        .load(tx.connection)?;
    if over.is_empty() {
        return Ok(0);
    }
    let erased = diesel::update(rows::table.filter(rows::id.eq_any(&over)).filter(rows::closed_at.is_not_null()))
        .set(rows::sealed_secret.eq(None::<Vec<u8>>))
        .execute(tx.connection)?;
    Ok(erased)
}
