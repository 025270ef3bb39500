//! Who hears of what besides the Owner, and what was sent since.

use chrono::Duration;
use diesel::prelude::*;

use super::{Event, Seeder, expect};
use crate::access::Scope;
use crate::db::{DbError, WriteTx};
use crate::notifications::add::{self, Add};
use crate::notifications::due::Span;
use crate::notifications::ends::tell_of_ends;
use crate::notifications::kinds::Kinds;
use crate::notifications::test_mail;
use crate::notifications::threshold;
use crate::schema::notification_recipients as recipients;
use crate::time::Timestamp;

/// How many days ago, and what.
const BEGUN: i64 = 62;
const TESTED: i64 = 61;
const ASKED: i64 = 3;
/// Below how many credits the company wants to hear of it.
const FEW: i64 = 100;

/// Whoever pays the bills, and has confirmed.
const ACCOUNTING: &str = "accounting@example.com";
/// Whoever plans the flights, and has not answered yet.
const PLANNING: &str = "flight-planning@example.com";

pub(super) enum Step {
    /// What was set up.
    Begun,
    Tested,
    Asked,
    /// What the job would have sent then.
    Ends,
}

/// How many days before an end people are told, if ever.
const TOLD: [i64; 4] = [30, 7, 1, 0];
/// How long after its moment the job comes to it.
const LATER: Duration = Duration::minutes(5);

impl Seeder {
    pub(super) fn plan_notifications(&mut self) {
        for (days, step) in [(BEGUN, Step::Begun), (TESTED, Step::Tested), (ASKED, Step::Asked)] {
            self.days_ago(days, Event::Notified(step));
        }
    }

    /// Has people be told of the end of a licence from now on, or from when on they are.
    pub(super) fn tell_of_end(&mut self, now: Timestamp, end: Timestamp) {
        let since = now.max(self.at(BEGUN));
        let moments = TOLD.map(|days| end - Duration::days(days) + LATER);
        for at in moments.into_iter().filter(|at| *at > since) {
            self.add(at, Event::Notified(Step::Ends));
        }
    }

    pub(super) fn notify(&self, tx: &mut WriteTx, owner: &Scope, step: &Step) -> Result<(), DbError> {
        match step {
            Step::Begun => begin(tx, owner),
            Step::Tested => test_mail::send_test(tx, owner).map(drop),
            Step::Asked => ask(tx, owner, PLANNING, Kinds { expiring: true, low_credits: true, ..Kinds::NONE }),
            Step::Ends => {
                let span = Span { since: tx.now - LATER * 2, until: tx.now };
                tell_of_ends(tx, owner.organization_id(), span, self.grace).map(drop)
            }
        }
    }
}

fn begin(tx: &mut WriteTx, owner: &Scope) -> Result<(), DbError> {
    threshold::set(tx, owner, Some(FEW))?;
    ask(tx, owner, ACCOUNTING, Kinds { low_credits: false, ..Kinds::ALL })?;
    // Nobody has the mail that was sent to somebody who is made up.
    diesel::update(recipients::table.filter(recipients::email.eq(ACCOUNTING)))
        .set((
            recipients::confirmed_at.eq(Some(tx.now)),
            recipients::secret_hash.eq(None::<String>),
            recipients::confirm_until.eq(None::<Timestamp>),
        ))
        .execute(tx.connection)?;
    Ok(())
}

fn ask(tx: &mut WriteTx, owner: &Scope, email: &str, kinds: Kinds) -> Result<(), DbError> {
    let outcome = add::add(tx, owner, email, kinds)?;
    expect(outcome == Add::Asked, outcome)
}
