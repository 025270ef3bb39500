//! What something costs an Organization: from the catalogue and its settings alone.

use crate::billing::bill::{Bill, Discount, Line};
use crate::billing::party::Party;
use crate::billing::tax::Treatment;
use crate::catalogue::contents::{Country, CreditPackage, Plan, Term};
use crate::catalogue::on_sale::{self, OnSale};
use crate::db::{Connection, DbError};
use crate::money::{Currency, Money};
use crate::orders::item::{CreditsItem, Item, LicenceItem};
use crate::organizations::details::{self, Detail};
use crate::organizations::organization::{Kind, Organization};

/// The most of a plan that is bought at once.
pub const MOST: u32 = 999;

/// What a browser asks for. It names no price.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    Plan { key: String, quantity: u32 },
    Package { key: String },
}

/// Why something has no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSold {
    /// It is not for sale, or not any more.
    Withdrawn,
    /// It is not sold in the currency of the country.
    NotThere,
    /// Not so many of it.
    Quantity,
}

/// A customer, and what is for sale to them.
pub struct Customer {
    pub on_sale: OnSale,
    pub country: Country,
    pub seller: Party,
    pub buyer: Party,
    /// What invoices need and the Organization has not said yet.
    pub missing: Vec<Detail>,
}

/// What an order says.
#[derive(Clone, Debug)]
pub struct Quote {
    pub item: Item,
    pub bill: Bill,
    pub seller: Party,
    pub buyer: Party,
    /// What the number of the order begins with.
    pub prefix: String,
    pub coupon: Option<String>,
}

/// How documents name an Organization, as it is now.
pub fn party(organization: &Organization) -> Party {
    let settings = &organization.settings;
    let is_business = organization.kind == Kind::Business;
    Party {
        name: if is_business { settings.legal_name.clone() } else { settings.name.clone() },
        postal_address: settings.postal_address.clone(),
        zip: settings.zip.clone(),
        city: settings.city.clone(),
        country: settings.country.clone(),
        vat_id: settings.tax_id.clone(),
        is_business,
        is_exempt: settings.tax_exempt,
    }
}

/// An Organization as a customer. One statement. None before the first import of a catalogue.
pub fn customer(connection: &mut Connection, organization: &Organization) -> Result<Option<Customer>, DbError> {
    let Some(on_sale) = on_sale::read(connection)? else { return Ok(None) };
    let Some(country) = on_sale.country(&organization.settings.country).cloned() else { return Ok(None) };
    let missing = details::missing(organization);
    Ok(Some(Customer { seller: on_sale.seller.party(), country, buyer: party(organization), missing, on_sale }))
}

impl Customer {
    /// What is to be paid for these lines, with the tax of the customer's country.
    pub fn bill(&self, currency: Currency, lines: Vec<Line>, discount: Option<Discount>) -> Bill {
        let treatment = Treatment::of(&self.seller, &self.buyer, &self.country.tax, self.country.tax_rate);
        Bill::new(currency, lines, discount, treatment)
    }

    pub fn quote(&self, item: Item, bill: Bill) -> Quote {
        let coupon = bill.discount.as_ref().map(|discount| discount.code.clone());
        let prefix = self.on_sale.seller.order_prefix.clone();
        Quote { item, bill, seller: self.seller.clone(), buyer: self.buyer.clone(), prefix, coupon }
    }

    /// What is wanted, and the line about it.
    pub fn price(&self, wanted: &Wanted) -> Result<(Item, Line), NotSold> {
        match wanted {
            Wanted::Plan { key, quantity } => {
                let plan = self.on_sale.plan(key).filter(|plan| plan.term.is_licence()).ok_or(NotSold::Withdrawn)?;
                self.plan(plan, *quantity)
            }
            Wanted::Package { key } => {
                let packages = &self.on_sale.credit_packages;
                self.package(packages.iter().find(|package| package.key == *key).ok_or(NotSold::Withdrawn)?)
            }
        }
    }

    fn plan(&self, plan: &Plan, quantity: u32) -> Result<(Item, Line), NotSold> {
        let product = self.on_sale.product(&plan.product).ok_or(NotSold::Withdrawn)?;
        if quantity == 0 || quantity > most(plan) {
            return Err(NotSold::Quantity);
        }
        let nothing = Money { minor: 0, currency: self.country.currency };
        let price = if plan.term == Term::Trial { Some(nothing) } else { plan.price.of(nothing.currency) };
        let price = price.ok_or(NotSold::NotThere)?;
        let line = Line::of(format!("{}, {}", product.name, plan.name), quantity, price);
        Ok((Item::Licence(LicenceItem::new(product, plan, price.minor, quantity)), line))
    }

    fn package(&self, package: &CreditPackage) -> Result<(Item, Line), NotSold> {
        let price = package.price.of(self.country.currency).ok_or(NotSold::NotThere)?;
        let item = Item::Credits(CreditsItem::new(package));
        let line = Line::of(item.to_string(), 1, price);
        Ok((item, line))
    }
}

/// How many of a plan can be bought at once: several only of what has seats, and of a trial one.
pub fn most(plan: &Plan) -> u32 {
    // So many that a licence can count their seats.
    let by_seats = u32::from(u16::MAX).checked_div(plan.seats).unwrap_or(1);
    if plan.term == Term::Trial { 1 } else { by_seats.clamp(1, MOST) }
}
