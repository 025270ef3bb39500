//! Licences that renew themselves: when they are charged, what becomes of a charge that fails, and that nothing is charged twice.

mod crash;
mod failing;
mod meanwhile;
mod page;
mod processes;
mod year;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use portico::app::App;
use portico::ids::LicenceId;
use portico::jobs::{JobContext, Queue, Runner};
use portico::licences::issue::{Given, Sold};
use portico::licences::terms::Term;
use portico::money::{Currency, Money};
use portico::orders::renewals::due::FindRenewals;
use portico::orders::renewals::renewal::{Renewal, Try};
use portico::orders::renewals::work::ChargeRenewals;
use portico::orders::top_up::work::ChargeTopUps;
use portico::schema::{orders, renewal_tries, renewals};
use portico::time::Timestamp;

use crate::catalogue::{file_with, import_text};
use crate::support::{Portal, given, till::Till};

/// For how long what has ended is kept.
pub const GRACE: Duration = Duration::days(14);
/// What most licences of these tests cost for a term, without tax and with it.
pub const PRICE: i64 = 13_900;
pub const WITH_TAX: i64 = 15_026;

/// A licence that was bought: 50 credits come with each term.
pub fn sold(term: Term) -> Given {
    let unit_price = Money { minor: PRICE, currency: Currency::Chf };
    let sold = Sold {
        product_key: "cloud".to_owned(),
        plan_key: "cloud-monthly".to_owned(),
        quantity: 1,
        unit_price,
        credits: 50,
    };
    Given { sold: Some(sold), ..given(term, 3) }
}

/// A portal with a catalogue, a payment method and a bank.
pub struct Desk<'a> {
    pub portal: &'a Portal,
    pub till: Till,
}

impl<'a> Desk<'a> {
    pub fn new(portal: &'a Portal) -> Self {
        import_text(portal, &file_with(&[])).expect("no faults");
        portal.complete_details();
        portal.keep_method("card-1");
        Self { portal, till: Till::default() }
    }

    /// Does what is due about charges, as a process does.
    pub fn work(&self) -> usize {
        charges(&self.portal.app, &self.till).run_due().expect("the jobs are done")
    }

    pub fn go_to(&self, moment: &str) {
        let moment: DateTime<Utc> = moment.parse().expect("a moment");
        self.portal.later(moment - self.portal.app.now().to_utc());
    }

    /// So many times: some time passes, and then all that is due is done.
    pub fn pass(&self, times: usize, step: Duration) {
        for _ in 0..times {
            self.portal.later(step);
            self.work();
        }
    }

    pub fn end_of(&self, licence: &LicenceId) -> String {
        self.portal.licence_row(licence).ends_at.expect("an end").minutes()
    }

    /// When it was tried, and what came of it.
    pub fn tries(&self, licence: &LicenceId) -> Vec<(String, String)> {
        let tries: Vec<Try> = self.portal.query(|connection| {
            renewal_tries::table
                .inner_join(renewals::table)
                .filter(renewals::licence_id.eq(licence))
                .order((renewals::term_ends_at, renewal_tries::number))
                .select(Try::as_select())
                .load(connection)
        });
        let outcome = |one: &Try| one.outcome.map_or("open", |outcome| <&str>::from(outcome)).to_owned();
        tries.iter().map(|one| (one.tried_at.minutes(), outcome(one))).collect()
    }

    pub fn renewals(&self, licence: &LicenceId) -> Vec<Renewal> {
        self.portal.query(|connection| {
            renewals::table
                .filter(renewals::licence_id.eq(licence))
                .order(renewals::term_ends_at)
                .select(Renewal::as_select())
                .load(connection)
        })
    }

    /// The orders by their status, with their totals.
    pub fn orders(&self, status: &str) -> Vec<i64> {
        self.portal.query(|connection| {
            orders::table.filter(orders::status.eq(status)).order(orders::id).select(orders::total).load(connection)
        })
    }

    /// What the bank took is what orders say was paid.
    pub fn assert_money_agrees(&self) {
        let taken: i64 = self.till.paid().iter().map(|(_, amount)| amount.minor).sum();
        assert_eq!(taken, self.orders("paid").iter().sum::<i64>(), "the bank and the orders");
    }
}

/// What does the charges of a process.
pub fn charges(app: &App, till: &Till) -> Runner {
    let context = JobContext { db: app.db.clone(), transactions: app.context.clone() };
    let provider: Arc<dyn portico::payments::provider::Provider> = Arc::new(till.clone());
    let works: Vec<Box<dyn portico::jobs::Work>> = vec![
        Box::new(FindRenewals { grace: GRACE }),
        Box::new(ChargeRenewals { provider: provider.clone(), grace: GRACE }),
        Box::new(ChargeTopUps { provider }),
    ];
    Runner::new(context, vec![Queue::new(portico::credits::top_up_job::QUEUE, 1, works)])
}

/// A moment as these tests write it.
pub fn at(moment: &str) -> Timestamp {
    Timestamp::from(moment.parse::<DateTime<Utc>>().expect("a moment"))
}
