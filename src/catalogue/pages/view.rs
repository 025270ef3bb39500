//! Prices as pages show them.

use crate::catalogue::contents::{Country, Plan, Prices, Term};
use crate::money::{Money, Rate};

/// A price for customers of a country.
pub(super) struct PriceView {
    /// Without tax.
    pub(super) amount: Money,
    /// With the tax of the country, where there is one.
    pub(super) with_tax: Option<Money>,
}

impl PriceView {
    pub(super) fn new(price: &Prices, country: &Country) -> Option<Self> {
        let amount = price.of(country.currency)?;
        let is_taxed = country.tax_rate != Rate::default();
        Some(Self { amount, with_tax: is_taxed.then(|| amount.with(country.tax_rate)) })
    }
}

/// A plan as its product's page shows it.
pub(super) struct PlanView {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) term: Term,
    pub(super) seats: u32,
    pub(super) credits: u32,
    pub(super) support_months: u32,
    /// None for a trial.
    pub(super) price: Option<PriceView>,
}

impl PlanView {
    pub(super) fn new(plan: &Plan, country: &Country) -> Self {
        Self {
            key: plan.key.clone(),
            name: plan.name.clone(),
            term: plan.term,
            seats: plan.seats,
            credits: plan.credits,
            support_months: plan.support_months,
            price: PriceView::new(&plan.price, country),
        }
    }
}
