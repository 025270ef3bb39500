//! The link of an open invitation, for those who may send it again: mails are blocked, and links are sent by other ways.
//!
//! It has a secret of its own, made when it is shown first. Unlike the mailed one it does not prove whose address it is, since who
//! invited has it, too: it neither creates an account at once nor answers for somebody who is not signed in.

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
use crate::people::removals;
use crate::rates::Limit;
use crate::schema::invitations as rows;
use crate::secrets::Secret;

#[derive(Clone, PartialEq, Eq)]
pub enum ShowLink {
    Shown {
        link: String,
    },
    /// It would work no more.
    Expired,
    NotAllowed,
    /// Accepted, declined or withdrawn meanwhile, or never here.
    Gone,
    TooOften(TooOften),
}

/// The same link every time, until the invitation is sent again. Everybody who looks at it is recorded.
pub fn show(tx: &mut WriteTx, scope: &Scope, id: &InvitationId) -> Result<ShowLink, DbError> {
    let (scope, invitation) = match locked(tx, scope, id)? {
        Found::Here(scope, invitation) => (scope, invitation),
        Found::NotAllowed => return Ok(ShowLink::NotAllowed),
        Found::Gone => return Ok(ShowLink::Gone),
    };
    if invitation.is_expired(tx.now) {
        return Ok(ShowLink::Expired);
    }
    if let Some(too_often) = tx.take(Limit::InvitationLinkShown, id.as_str())?.refusal() {
        return Ok(ShowLink::TooOften(too_often));
    }
    let secret = secret_of(tx, id)?;
    invitations::record(tx, By::member(&scope), &invitation, Action::InvitationLinkShown)?;
    Ok(ShowLink::Shown { link: tx.context.links.to(&format!("/invitations/{}", secret.as_str())) })
}

/// What the secrets of links are sealed for.
const PURPOSE: &str = "invitation link";

/// The secret in the link of an invitation: the one that was shown before, or a new one where there is none, or none that this
/// installation can open.
fn secret_of(tx: &mut WriteTx, id: &InvitationId) -> Result<Secret, DbError> {
    let row = rows::table.filter(rows::id.eq(id));
    let (sealed, hash): (Option<Vec<u8>>, Option<String>) =
        row.select((rows::sealed_secret, rows::shown_hash)).first(tx.connection)?;
    let opened = sealed.and_then(|sealed| tx.context.sealer.open(PURPOSE, id.as_str(), &sealed));
    let kept = opened.and_then(|opened| String::from_utf8(opened).ok()).map(|text| Secret::presented(&text));
    // A process of an earlier version seals the mailed one.
    if let Some(kept) = kept.filter(|kept| Some(kept.hash()) == hash) {
        return Ok(kept);
    }
    let secret = Secret::random();
    let sealed = tx.context.sealer.seal(PURPOSE, id.as_str(), secret.as_str().as_bytes());
    diesel::update(row)
        .set((rows::sealed_secret.eq(Some(sealed)), rows::shown_hash.eq(Some(secret.hash()))))
        .execute(tx.connection)?;
    Ok(secret)
}

/// How many are erased in a transaction.
const BATCH: usize = 1_000;

/// Erases the links of invitations that were withdrawn and cannot be brought back any more, and of those that have expired. Those that
/// were answered lose theirs at once.
pub struct EraseLinks;

impl Work for EraseLinks {
    fn kind(&self) -> &'static str {
        "invitations.links.erase"
    }

    fn every(&self) -> Option<Duration> {
        Some(removals::WINDOW)
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
    let kept = rows::table.filter(rows::sealed_secret.is_not_null()).select(rows::id).limit(BATCH as i64);
    let withdrawn: Vec<InvitationId> =
        kept.filter(rows::closed_at.le(tx.now - removals::WINDOW)).load(tx.connection)?;
    let expired: Vec<InvitationId> =
        kept.filter(rows::closed_at.is_null()).filter(rows::expires_at.le(tx.now)).load(tx.connection)?;
    for over in [&withdrawn, &expired] {
        if over.is_empty() {
            continue;
        }
        // Unless one has been opened again, or sent again, since it was read.
        let is_over = rows::closed_at.is_not_null().or(rows::expires_at.le(tx.now));
        diesel::update(rows::table.filter(rows::id.eq_any(over)).filter(is_over))
            .set(rows::sealed_secret.eq(None::<Vec<u8>>))
            .execute(tx.connection)?;
    }
    Ok(withdrawn.len().max(expired.len()))
}
