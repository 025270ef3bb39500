//! An invoice or a credit note as it is read: on its page, and as a PDF, whose template takes the same as data.

use serde::Serialize;

use crate::billing::bill::{Bill, Line};
use crate::billing::party::Party;
use crate::billing::tax::Treatment;
use crate::countries::country_name;
use crate::invoices::invoice::{Invoice, Kind};
use crate::money::Money;
use crate::numbers::grouped;

/// Something with its name.
#[derive(Serialize)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

impl Fact {
    fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

#[derive(Serialize)]
pub struct PartyView {
    pub role: &'static str,
    pub name: String,
    /// Address and VAT id, a line each.
    pub lines: Vec<String>,
}

#[derive(Serialize)]
pub struct LineView {
    pub description: String,
    pub calculation: String,
    pub quantity: String,
    pub unit_price: String,
    pub amount: String,
}

#[derive(Serialize)]
pub struct InvoiceView {
    /// `Invoice I-2026-000123`
    pub title: String,
    pub seller: PartyView,
    pub buyer: PartyView,
    pub facts: Vec<Fact>,
    pub lines: Vec<LineView>,
    pub sums: Vec<Fact>,
    pub total: Fact,
    pub notes: Vec<&'static str>,
}

/// `Invoice I-2026-000123`
pub fn title(kind: Kind, number: &str) -> String {
    format!("{} {number}", word(kind))
}

pub(super) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "Invoice",
        Kind::CreditNote => "Credit note",
    }
}

/// How the tax is called, as far as it is any: `VAT 8.1 %`.
pub(super) fn tax_words(treatment: &Treatment) -> String {
    match treatment {
        Treatment::Charged { name, rate } => format!("{name} {rate}"),
        Treatment::NotCharged => "No tax".to_owned(),
        Treatment::ReverseCharge => "Reverse charge".to_owned(),
        Treatment::Exempt => "Exempt".to_owned(),
    }
}

/// What must be said of a sale without tax.
fn note(treatment: &Treatment) -> Option<&'static str> {
    match treatment {
        Treatment::Charged { .. } => None,
        Treatment::NotCharged => Some("No tax is charged on this sale."),
        Treatment::ReverseCharge => Some("Reverse charge: the recipient is liable for VAT."),
        Treatment::Exempt => Some("The buyer is exempt from tax."),
    }
}

/// An amount, never broken over two lines.
fn shown(money: Money) -> String {
    money.to_string().replace(' ', "\u{a0}")
}

impl PartyView {
    fn new(role: &'static str, party: &Party) -> Self {
        let city = format!("{} {}", party.zip, party.city);
        let country = country_name(&party.country).unwrap_or(&party.country);
        let vat_id = (!party.vat_id.is_empty()).then(|| format!("VAT id {}", party.vat_id));
        let lines = [party.postal_address.as_str(), city.trim(), country, vat_id.as_deref().unwrap_or_default()];
        let lines = lines.into_iter().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        Self { role, name: party.name.clone(), lines }
    }
}

impl InvoiceView {
    pub fn parties(&self) -> [&PartyView; 2] {
        [&self.seller, &self.buyer]
    }

    /// `of` is the number of the invoice that a credit note takes back.
    pub fn new(invoice: &Invoice, of: Option<&str>) -> Self {
        let bill = &invoice.bill;
        Self {
            title: title(invoice.kind, &invoice.number),
            seller: PartyView::new("Seller", &invoice.seller),
            buyer: PartyView::new("Buyer", &invoice.buyer),
            facts: facts(invoice, of),
            lines: bill.lines.iter().map(|line| line_view(bill, line)).collect(),
            sums: sums(bill),
            total: Fact::new("Total", shown(bill.total())),
            notes: note(&bill.treatment).into_iter().collect(),
        }
    }
}

fn facts(invoice: &Invoice, of: Option<&str>) -> Vec<Fact> {
    let mut facts = vec![
        Fact::new(format!("{} number", word(invoice.kind)), &invoice.number),
        Fact::new("Issued", invoice.issued_at.words()),
        Fact::new("Order", &invoice.order_number),
    ];
    if let Some(number) = of {
        facts.push(Fact::new("For invoice", number));
    }
    if !invoice.reason.is_empty() {
        facts.push(Fact::new("Reason", &invoice.reason));
    }
    if !invoice.paid_by.is_empty() {
        let name = if invoice.kind == Kind::Invoice { "Paid by" } else { "Paid back to" };
        facts.push(Fact::new(name, &invoice.paid_by));
    }
    facts
}

fn line_view(bill: &Bill, line: &Line) -> LineView {
    LineView {
        description: line.description.clone(),
        calculation: line.calculation.clone(),
        quantity: grouped(line.quantity.into()),
        unit_price: shown(bill.money(line.unit_price)),
        amount: shown(bill.money(line.amount)),
    }
}

fn sums(bill: &Bill) -> Vec<Fact> {
    let discount = bill.discount.iter().flat_map(|discount| {
        let before = Fact::new("Before the discount", shown(bill.money(bill.net + discount.amount)));
        [before, Fact::new(format!("Coupon {}", discount.code), shown(bill.money(-discount.amount)))]
    });
    let net = Fact::new("Without tax", shown(bill.money(bill.net)));
    let tax = match &bill.treatment {
        charged @ Treatment::Charged { .. } => tax_words(charged),
        Treatment::NotCharged | Treatment::ReverseCharge | Treatment::Exempt => "Tax".to_owned(),
    };
    discount.chain([net, Fact::new(tax, shown(bill.money(bill.tax)))]).collect()
}
