//! The tables of the file, one kind after the other.

use std::collections::BTreeSet;

use serde::Serialize;
use toml::de::DeTable;

use super::fault::Faults;
use super::section::Section;
use super::values;
use crate::catalogue::contents::{Country, Coupon, CreditPackage, Plan, Prices, Product, ProductKind, Seller, Term};
use crate::catalogue::entries::Kind;
use crate::countries::country_name;
use crate::money::Currency;

/// An entry of the file.
#[derive(Clone, Debug)]
pub struct Entry {
    pub kind: Kind,
    pub key: String,
    /// As it is stored: a JSON object.
    pub content: String,
    /// Where it begins.
    pub line: usize,
}

impl Entry {
    fn new(kind: Kind, section: &Section<'_, '_>, content: &impl Serialize) -> Self {
        let content = serde_json::to_string(content).expect("entries are texts, numbers and lists");
        Self { kind, key: section.key.clone(), content, line: section.line() }
    }

    /// What no two entries share.
    pub fn place(&self) -> (Kind, &str) {
        (self.kind, &self.key)
    }
}

/// What other entries must agree with.
#[derive(Default)]
struct Known {
    /// Of the countries, each with the first that has it.
    currencies: Vec<(Currency, String)>,
    products: Vec<String>,
    /// Those of them that run on machines of their customers.
    desktop: Vec<String>,
}

pub(super) fn read(table: &DeTable<'_>, faults: &Faults<'_>) -> Vec<Entry> {
    let mut file = Section::whole(table, faults);
    let mut known = Known::default();
    let mut entries: Vec<Entry> = file.section("seller").map(seller).into_iter().collect();
    let countries = file.sections("countries");
    if countries.iter().all(|section| section.key != Country::ELSEWHERE) {
        let instead = "write it with the currency of all countries that have no table of their own";
        faults.add(0, format!("there is no [countries.{}]: {instead}", Country::ELSEWHERE));
    }
    entries.extend(countries.into_iter().map(|section| country(section, &mut known)));
    entries.extend(file.sections("products").into_iter().map(|section| product(section, &mut known)));
    entries.extend(file.sections("plans").into_iter().map(|section| plan(section, &known)));
    entries.extend(file.sections("credit_packages").into_iter().map(|section| credit_package(section, &known)));
    entries.extend(file.sections("coupons").into_iter().map(|section| coupon(section, &known)));
    file.end();
    entries
}

fn seller(mut section: Section<'_, '_>) -> Entry {
    let seller = Seller {
        legal_name: section.text("legal_name", 200),
        postal_address: section.text("postal_address", 200),
        zip: section.text("zip", 20),
        city: section.text("city", 100),
        country: section.text("country", 2),
        vat_id: section.text("vat_id", 40),
        order_prefix: section.text("order_prefix", 10),
        invoice_prefix: section.text("invoice_prefix", 10),
        credit_note_prefix: section.text("credit_note_prefix", 10),
    };
    if !seller.country.is_empty() {
        must_be_country(&section, &seller.country);
    }
    let prefixes = [&seller.order_prefix, &seller.invoice_prefix, &seller.credit_note_prefix];
    let differ: BTreeSet<&&String> = prefixes.iter().filter(|prefix| !prefix.is_empty()).collect();
    if differ.len() < prefixes.iter().filter(|prefix| !prefix.is_empty()).count() {
        let message = "the prefixes of orders, invoices and credit notes must differ: write \"O-\", \"I-\" and \"C-\"";
        section.fault(section.place, message.to_owned());
    }
    let entry = Entry::new(Kind::Seller, &section, &seller);
    section.end();
    entry
}

fn must_be_country(section: &Section<'_, '_>, code: &str) {
    if country_name(code).is_none() {
        let instead = "write two capital letters of ISO 3166, such as CH";
        section.fault(section.place, format!("“{code}” in [{}] is no country: {instead}", section.name));
    }
}

fn country(mut section: Section<'_, '_>, known: &mut Known) -> Entry {
    if section.key != Country::ELSEWHERE {
        must_be_country(&section, &section.key);
    }
    let country = Country {
        key: section.key.clone(),
        currency: section.choice("currency"),
        tax: section.optional_text("tax", 20),
        tax_rate: section.read("tax_rate", values::rate).unwrap_or_default(),
    };
    if section.has("tax") != section.has("tax_rate") {
        let message = format!("[{}] needs both or none: write tax = \"VAT\" and tax_rate = 8.1", section.name);
        section.fault(section.place, message);
    }
    if known.currencies.iter().all(|(currency, _)| *currency != country.currency) {
        known.currencies.push((country.currency, section.name.clone()));
    }
    let entry = Entry::new(Kind::Country, &section, &country);
    section.end();
    entry
}

fn must_have_key(section: &Section<'_, '_>) {
    if !values::is_key(&section.key) {
        let instead = "write small letters, digits and hyphens, such as mapper-yearly";
        section.fault(section.place, format!("“{}” is no key: {instead}", section.key));
    }
}

fn product(mut section: Section<'_, '_>, known: &mut Known) -> Entry {
    must_have_key(&section);
    known.products.push(section.key.clone());
    let includes = section.need("includes", "[\"…\"]", values::texts).unwrap_or_default();
    let product = Product {
        key: section.key.clone(),
        name: section.text("name", 60),
        kind: section.choice("kind"),
        summary: section.text("summary", 200),
        includes: includes.into_iter().map(|(line, _)| line).collect(),
        storage_gb: section.optional_number("storage_gb", 0..=1_000_000).unwrap_or_default(),
    };
    if product.kind == ProductKind::Desktop {
        known.desktop.push(product.key.clone());
    }
    let entry = Entry::new(Kind::Product, &section, &product);
    section.end();
    entry
}

fn plan(mut section: Section<'_, '_>, known: &Known) -> Entry {
    must_have_key(&section);
    let term: Term = section.choice("term");
    let plan = Plan {
        key: section.key.clone(),
        product: section.key_of("product", &known.products),
        name: section.text("name", 60),
        term,
        seats: allowed(&mut section, "seats", 0..=10_000, term != Term::SupportAndUpgrade),
        credits: allowed(&mut section, "credits", 0..=1_000_000, term != Term::SupportAndUpgrade),
        support_months: allowed(&mut section, "support_months", 0..=120, term == Term::Perpetual),
        price: if term == Term::Trial {
            section.refuse("price", "a trial costs nothing and never turns into a charge");
            Prices::default()
        } else {
            price(&mut section, known)
        },
    };
    if term.is_licence() && plan.seats == 0 && known.desktop.contains(&plan.product) {
        let name = &section.name;
        let message = format!("[{name}] is of a desktop product, which nobody can use without a seat: write seats = 1");
        section.fault(section.place, message);
    }
    let entry = Entry::new(Kind::Plan, &section, &plan);
    section.end();
    entry
}

/// A number that only some terms have.
fn allowed(
    section: &mut Section<'_, '_>,
    name: &'static str,
    range: std::ops::RangeInclusive<u32>,
    has_it: bool,
) -> u32 {
    if has_it {
        section.optional_number(name, range).unwrap_or_default()
    } else {
        section.refuse(name, "a plan of this term has none");
        0
    }
}

/// A price that everybody can pay: in the currency of each country.
fn price(section: &mut Section<'_, '_>, known: &Known) -> Prices {
    let price = section.need("price", "{ CHF = 1290.00 }", values::prices);
    for (currency, country) in &known.currencies {
        if price.as_ref().is_some_and(|price| price.of(*currency).is_none()) {
            let (code, name) = (currency.code(), &section.name);
            let message =
                format!("[{name}] has no price in {code}, which [{country}] pays in: add {code} = … to “price”");
            section.fault(section.place, message);
        }
    }
    price.unwrap_or_default()
}

fn credit_package(mut section: Section<'_, '_>, known: &Known) -> Entry {
    must_have_key(&section);
    let package = CreditPackage {
        key: section.key.clone(),
        credits: section.number("credits", 1..=1_000_000),
        price: price(&mut section, known),
    };
    let entry = Entry::new(Kind::CreditPackage, &section, &package);
    section.end();
    entry
}

fn coupon(mut section: Section<'_, '_>, known: &Known) -> Entry {
    if !values::is_code(&section.key) {
        let instead = "write at least four capital letters and digits, such as SPRING26";
        section.fault(section.place, format!("“{}” is no code: {instead}", section.key));
    }
    if section.has("percent") == section.has("amount") {
        let message =
            format!("[{}] takes off one or the other: write percent = 10 or amount = {{ CHF = 50.00 }}", section.name);
        section.fault(section.place, message);
    }
    let coupon = Coupon {
        percent: section.read("percent", values::rate),
        amount: section.read("amount", values::prices).unwrap_or_default(),
        products: section.keys("products", &known.products),
        minimum: section.read("minimum", values::prices).unwrap_or_default(),
        uses: section.optional_number("uses", 1..=1_000_000),
        uses_per_customer: section.optional_number("uses_per_customer", 1..=1_000_000),
        until: section.read("until", values::day),
    };
    let entry = Entry::new(Kind::Coupon, &section, &coupon);
    section.end();
    entry
}
