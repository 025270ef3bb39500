//! What a wallet knows about its balance being low. Who changes anything here holds the wallet's lock.

use chrono::Duration;
use diesel::prelude::*;

use crate::db::{DbError, WriteTx};
use crate::ids::{JobId, OrganizationId};
use crate::jobs::{NewJob, Priority};
use crate::schema::credit_wallets;
use crate::time::Timestamp;

/// The job that tells people. Its subject is the Organization and something that is new each time.
pub(super) const TELL: &str = "notifications.low_balance";
const QUEUE: &str = "upkeep";

/// After this long a top-up that has not ended is not waited for any more.
const TOP_UP_LASTS: Duration = Duration::days(1);

/// The columns of the wallet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = credit_wallets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Watch {
    /// Fewer than this are few. None: nobody wants to hear of it.
    pub low_below: Option<i64>,
    /// Since when there are fewer.
    pub low_since: Option<Timestamp>,
    pub(super) low_told_at: Option<Timestamp>,
    pub(super) top_up_since: Option<Timestamp>,
}

impl Watch {
    pub(super) fn is_low(&self, balance: i64) -> bool {
        self.low_below.is_some_and(|below| balance < below)
    }

    /// Whether it is to be told at this moment.
    pub(super) fn is_news(&self, balance: i64, now: Timestamp) -> bool {
        let is_topped_up = self.top_up_since.is_some_and(|since| now - since < TOP_UP_LASTS);
        self.is_low(balance) && self.low_since.is_some() && self.low_told_at.is_none() && !is_topped_up
    }

    /// A row was written that led from one balance to another: notes where it crossed the edge.
    pub(super) fn note(
        &mut self,
        tx: &mut WriteTx,
        organization: &OrganizationId,
        before: i64,
        after: i64,
    ) -> Result<(), DbError> {
        match (self.is_low(before), self.is_low(after)) {
            (false, true) => {
                (self.low_since, self.low_told_at) = (Some(tx.now), None);
                self.store(tx, organization)?;
                self.tell_if_news(tx, organization, after)
            }
            (true, false) => {
                (self.low_since, self.low_told_at) = (None, None);
                self.store(tx, organization)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn store(&self, tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
        diesel::update(credit_wallets::table.filter(credit_wallets::organization_id.eq(organization)))
            .set(self)
            .execute(tx.connection)?;
        Ok(())
    }

    pub(super) fn tell_if_news(
        &self,
        tx: &mut WriteTx,
        organization: &OrganizationId,
        balance: i64,
    ) -> Result<(), DbError> {
        if !self.is_news(balance, tx.now) {
            return Ok(());
        }
        // An earlier job about the same may be under way, and must not keep this one out.
        let subject = format!("{organization} {}", JobId::new(tx.now));
        let due_at = tx.now;
        Ok(tx.add_job(NewJob { queue: QUEUE, kind: TELL, subject: &subject, priority: Priority::Usual, due_at })?)
    }
}
