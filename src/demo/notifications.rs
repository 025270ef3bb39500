//! Who hears of what besides the Owner, and what was sent in the last two months.

use chrono::Duration;
use diesel::prelude::*;

use super::Seeder;
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
const BEGUN: i64 = 75;
const TESTED: i64 = 74;
const ASKED: i64 = 3;
/// Below how many credits the company wants to hear of it.
const FEW: i64 = 100;

/// Whoever pays the bills, and has confirmed.
const ACCOUNTING: &str = "accounting@example.com";
/// Whoever plans the flights, and has not answered yet.
const PLANNING: &str = "flight-planning@example.com";

impl Seeder {
    /// Writes what was set up, and sends what would have been sent since.
    pub(super) fn notify(&self, tx: &mut WriteTx, owner: &Scope) -> Result<(), DbError> {
        self.go_to(tx, BEGUN);
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
        self.go_to(tx, TESTED);
        test_mail::send_test(tx, owner)?;
        for days in (0..60).rev() {
            let since = self.now - Duration::days(days + 1);
            tx.now = self.now - Duration::days(days);
            let span = Span { since, until: tx.now };
            tell_of_ends(tx, owner.organization_id(), span, self.grace)?;
            if days == ASKED {
                ask(tx, owner, PLANNING, Kinds { expiring: true, low_credits: true, ..Kinds::NONE })?;
            }
        }
        Ok(())
    }
}

fn ask(tx: &mut WriteTx, owner: &Scope, email: &str, kinds: Kinds) -> Result<(), DbError> {
    match add::add(tx, owner, email, kinds)? {
        Add::Asked => Ok(()),
        other => Err(DbError::Unexpected(format!("a recipient of the demo: {other:?}"))),
    }
}
