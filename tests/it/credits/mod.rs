//! Credits: the ledger and its rules, and the page that shows it.

mod expiry;
mod export;
mod ledger;
mod page;
mod properties;
mod races;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use portico::access::{Actor, Operator, Product};
use portico::audit::By;
use portico::credits::amount::Amount;
use portico::credits::check::disagreements;
use portico::credits::entry::{Entry, Source};
use portico::credits::grant::{self, Grant, NewGrant};
use portico::credits::reference::Reference;
use portico::credits::reverse::{self, Reverse};
use portico::credits::spend::{self, NewSpend, Spend};
use portico::credits::wallet;
use portico::db::{DbError, WriteTx};
use portico::ids::OrganizationId;
use portico::schema::credit_entries;
use portico::time::Timestamp;

use crate::support::Portal;

/// A grant of [`Source::Operator`] with what differs.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    pub credits: i64,
    pub reference: &'a str,
    pub source: Source,
    pub ends_at: Option<Timestamp>,
}

impl<'a> Given<'a> {
    pub fn new(credits: i64, reference: &'a str) -> Self {
        Self { credits, reference, source: Source::Operator, ends_at: None }
    }

    pub fn from(self, source: Source) -> Self {
        Self { source, ..self }
    }

    pub fn until(self, moment: &str) -> Self {
        Self { ends_at: Some(at(moment)), ..self }
    }
}

/// A moment such as `2026-12-01T00:00:00Z`.
pub fn at(moment: &str) -> Timestamp {
    Timestamp::from(moment.parse::<DateTime<Utc>>().expect("a moment"))
}

fn amount(credits: i64) -> Amount {
    Amount::new(credits).expect("an amount")
}

fn reference(text: &str) -> Reference {
    Reference::parse(text).expect("a reference")
}

pub fn grant_in(tx: &mut WriteTx, organization: &OrganizationId, given: Given<'_>) -> Result<Grant, DbError> {
    let operator = Operator { name: "ada".to_owned() };
    let reference = reference(given.reference);
    let new = NewGrant {
        amount: amount(given.credits),
        source: given.source,
        ends_at: given.ends_at,
        reference: Some(&reference),
        note: "for the tests",
    };
    grant::grant(tx, By::outside(Actor::Operator(&operator), organization), organization, &new)
}

pub fn spend_in(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    credits: i64,
    reference_text: &str,
) -> Result<Spend, DbError> {
    let product = Product { name: "Cloud processing".to_owned() };
    let reference = reference(reference_text);
    let new = NewSpend { amount: amount(credits), reference: &reference, note: "Quarry, 120 images" };
    spend::spend(tx, By::outside(Actor::Product(&product), organization), organization, &new)
}

pub fn reverse_in(tx: &mut WriteTx, organization: &OrganizationId, reference: &str) -> Result<Reverse, DbError> {
    let operator = Operator { name: "ada".to_owned() };
    reverse::reverse(tx, By::outside(Actor::Operator(&operator), organization), organization, reference)
}

impl Portal {
    pub fn grant(&self, given: Given<'_>) -> Grant {
        let organization = self.organization_id();
        self.app.write_now(|tx| grant_in(tx, &organization, given)).expect("an outcome")
    }

    pub fn spend(&self, credits: i64, reference: &str) -> Spend {
        let organization = self.organization_id();
        self.app.write_now(|tx| spend_in(tx, &organization, credits, reference)).expect("an outcome")
    }

    pub fn reverse(&self, reference: &str) -> Reverse {
        let organization = self.organization_id();
        self.app.write_now(|tx| reverse_in(tx, &organization, reference)).expect("an outcome")
    }

    pub fn balance(&self) -> i64 {
        let organization = self.organization_id();
        let wallet = self.app.db.read(|connection| wallet::read(connection, &organization)).expect("an answer");
        wallet.map_or(0, |wallet| wallet.balance)
    }

    /// The ledger, oldest first.
    pub fn ledger(&self) -> Vec<Entry> {
        let organization = self.organization_id();
        self.query(|connection| {
            credit_entries::table
                .filter(credit_entries::organization_id.eq(organization))
                .order(credit_entries::number)
                .select(Entry::as_select())
                .load(connection)
        })
    }

    /// The amounts of the ledger, oldest first.
    pub fn amounts(&self) -> Vec<i64> {
        self.ledger().iter().map(|entry| entry.amount).collect()
    }

    pub fn assert_ledgers_agree(&self) {
        let found = self.app.db.read(disagreements).expect("the ledgers are read");
        assert_eq!(found, [], "what is kept is what the rows say");
    }
}
