//! A bill as pages show it.

use crate::billing::bill::Bill;
use crate::billing::tax::Treatment;
use crate::money::Money;

pub struct BillLine {
    pub description: String,
    /// How the amount came about, where it is not the quantity times the price.
    pub calculation: String,
    pub quantity: u32,
    pub unit_price: Money,
    pub amount: Money,
}

pub struct BillView {
    pub lines: Vec<BillLine>,
    /// The code of a coupon, and what it takes off.
    pub discount: Option<(String, Money)>,
    pub net: Money,
    /// What the tax is called, and how much it is.
    pub tax: Option<(String, Money)>,
    /// Why there is no tax, where that is to be said.
    pub no_tax: &'static str,
    pub total: Money,
}

impl BillView {
    pub fn new(bill: &Bill) -> Self {
        let line = |line: &crate::billing::bill::Line| BillLine {
            description: line.description.clone(),
            calculation: line.calculation.clone(),
            quantity: line.quantity,
            unit_price: bill.money(line.unit_price),
            amount: bill.money(line.amount),
        };
        let tax = match &bill.treatment {
            Treatment::Charged { name, rate } => Some((format!("{rate} {name}"), bill.money(bill.tax))),
            Treatment::NotCharged | Treatment::ReverseCharge | Treatment::Exempt => None,
        };
        let no_tax = match &bill.treatment {
            Treatment::ReverseCharge => "Reverse charge: the buyer accounts for the VAT.",
            Treatment::Exempt => "The buyer is exempt from tax.",
            Treatment::Charged { .. } | Treatment::NotCharged => "",
        };
        Self {
            lines: bill.lines.iter().map(line).collect(),
            discount: bill.discount.as_ref().map(|off| (off.code.clone(), bill.money(-off.amount))),
            net: bill.money(bill.net),
            tax,
            no_tax,
            total: bill.total(),
        }
    }
}
