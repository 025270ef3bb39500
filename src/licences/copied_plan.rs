//! A plan of the catalogue, copied for a licence that changes to it.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};

use crate::catalogue::contents::{Plan, Product};
use crate::licences::terms::Term;
use crate::money::{Currency, Money};

/// A plan as it was for sale. Stored as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromSqlRow)]
pub struct CopiedPlan {
    pub key: String,
    pub name: String,
    pub term: Term,
    /// How many come with one of it.
    pub seats: u32,
    /// What belongs to it, in words.
    pub includes: Vec<String>,
    /// How many come with one of it, each term.
    pub credits: u32,
    /// For one, for one term, without tax.
    pub unit_price: i64,
    pub currency: Currency,
}

impl CopiedPlan {
    /// `None` for a plan that has no terms, and for one that has no price in this currency.
    pub fn of(product: &Product, plan: &Plan, currency: Currency) -> Option<Self> {
        Some(Self {
            key: plan.key.clone(),
            name: plan.name.clone(),
            term: Term::of_plan(plan.term).filter(|term| term.renews())?,
            seats: plan.seats,
            includes: product.all_included(),
            credits: plan.credits,
            unit_price: plan.price.of(currency)?.minor,
            currency,
        })
    }

    pub fn unit_price(&self) -> Money {
        Money { minor: self.unit_price, currency: self.currency }
    }

    /// How many seats so many of it have.
    pub fn seats_of(&self, quantity: i32) -> i32 {
        i32::try_from(self.seats).unwrap_or(i32::MAX).saturating_mul(quantity)
    }

    /// How many credits come with so many of it.
    pub fn credits_of(&self, quantity: i32) -> i32 {
        i32::try_from(self.credits).unwrap_or(i32::MAX).saturating_mul(quantity)
    }

    pub(super) fn stored(&self) -> String {
        serde_json::to_string(self).expect("a plan is texts and numbers")
    }
}

impl<DB: Backend> FromSql<Text, DB> for CopiedPlan
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        Ok(serde_json::from_str(&<String as FromSql<Text, DB>>::from_sql(bytes)?)?)
    }
}
