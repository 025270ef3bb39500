//! What is to be paid, line by line. All amounts are whole minor units of one currency.

use serde::{Deserialize, Serialize};

use super::tax::Treatment;
use crate::money::{Currency, Money};

/// Something that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// `Mapper, Yearly`
    pub description: String,
    /// How the amount came about, where it is not the quantity times the price: `183 of 365 days`. Empty otherwise.
    pub calculation: String,
    pub quantity: u32,
    /// For one, without tax.
    pub unit_price: i64,
    /// For all of them, without tax.
    pub amount: i64,
}

impl Line {
    /// So many at the full price.
    pub fn of(description: impl Into<String>, quantity: u32, unit_price: Money) -> Self {
        let amount = unit_price.minor * i64::from(quantity);
        let (description, calculation) = (description.into(), String::new());
        Self { description, calculation, quantity, unit_price: unit_price.minor, amount }
    }
}

/// What a coupon takes off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discount {
    pub code: String,
    /// At most what the lines add up to.
    pub amount: i64,
}

/// What is to be paid. Stored as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    pub currency: Currency,
    pub lines: Vec<Line>,
    pub discount: Option<Discount>,
    /// What the lines add up to, less the discount.
    pub net: i64,
    pub treatment: Treatment,
    /// The tax on the net, halves of a minor unit rounded up.
    pub tax: i64,
    pub total: i64,
}

impl Bill {
    pub fn new(currency: Currency, lines: Vec<Line>, discount: Option<Discount>, treatment: Treatment) -> Self {
        let sum: i64 = lines.iter().map(|line| line.amount).sum();
        let net = sum - discount.as_ref().map_or(0, |discount| discount.amount);
        let tax = treatment.tax_on(Money { minor: net, currency }).minor;
        Self { currency, lines, discount, net, treatment, tax, total: net + tax }
    }

    /// An amount of it as money.
    pub fn money(&self, minor: i64) -> Money {
        Money { minor, currency: self.currency }
    }

    pub fn total(&self) -> Money {
        self.money(self.total)
    }
}
