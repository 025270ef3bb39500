//! What another term of a licence is, and what it costs: what the licence has now, but for what was asked to change.

use crate::billing::bill::Line;
use crate::licences::licence::Licence;
use crate::licences::terms::Term;
use crate::money::Money;
use crate::time::Timestamp;

/// Another term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextTerm {
    pub plan_key: Option<String>,
    pub plan: String,
    pub term: Term,
    /// How many of the plan.
    pub quantity: i32,
    pub seats: i32,
    /// A line for each thing.
    pub includes: String,
    /// For one of the plan, without tax. `None` for what was not bought here.
    pub unit_price: Option<Money>,
    /// How many come with it, of all of the plan.
    pub credits: i32,
}

impl NextTerm {
    /// What all of it costs, without tax. `None` for what was not bought here.
    pub fn price(&self) -> Option<Money> {
        self.unit_price.map(|price| Money { minor: price.minor * i64::from(self.quantity), ..price })
    }

    /// What it costs, as a line of a bill. `None` for what was not bought here.
    pub fn line(&self, product: &str) -> Option<Line> {
        Some(Line::of(format!("{product}, {}", self.plan), self.quantity.try_into().ok()?, self.unit_price?))
    }
}

impl Licence {
    /// How many seats come with one of the plan.
    pub fn seats_each(&self) -> i32 {
        // An operator may have given more, or taken some.
        if self.has_seats() { (self.seats / self.quantity.max(1)).max(1) } else { 0 }
    }

    /// How many credits come with one of the plan.
    pub fn credits_each(&self) -> i32 {
        self.credits / self.quantity.max(1)
    }

    /// What another term of it would be.
    pub fn next_term(&self) -> NextTerm {
        let quantity = self.next_quantity.unwrap_or(self.quantity);
        match &self.next_plan {
            Some(plan) => NextTerm {
                plan_key: Some(plan.key.clone()),
                plan: plan.name.clone(),
                term: plan.term,
                quantity,
                seats: plan.seats_of(quantity),
                includes: plan.includes.join("\n"),
                unit_price: Some(plan.unit_price()),
                credits: plan.credits_of(quantity),
            },
            None => NextTerm {
                plan_key: self.plan_key.clone(),
                plan: self.plan.clone(),
                term: self.term,
                quantity,
                seats: (self.seats - (self.quantity - quantity) * self.seats_each()).max(0),
                includes: self.includes.clone(),
                unit_price: self.unit_price(),
                credits: self.credits_each() * quantity,
            },
        }
    }

    /// Whether something is asked to change with another term.
    pub fn has_scheduled(&self) -> bool {
        self.next_quantity.is_some() || self.next_plan.is_some()
    }

    /// It as it is at a moment: with what its next term has, where that is paid and has begun, also while the job has not come to it.
    pub fn caught_up(self, now: Timestamp) -> Self {
        if self.next_at.is_none_or(|next_at| now < next_at) {
            return self;
        }
        let next = self.next_term();
        Self {
            plan_key: next.plan_key,
            plan: next.plan,
            term: next.term,
            quantity: next.quantity,
            seats: next.seats,
            includes: next.includes,
            unit_price: next.unit_price.map(|price| price.minor),
            currency: next.unit_price.map(|price| price.currency),
            credits: next.credits,
            next_quantity: None,
            next_plan: None,
            next_at: None,
            ..self
        }
    }

    /// How many seats it has at a moment.
    pub fn seats_at(&self, now: Timestamp) -> i32 {
        let has_begun = self.next_at.is_some_and(|next_at| next_at <= now);
        if has_begun { self.next_term().seats } else { self.seats }
    }
}
