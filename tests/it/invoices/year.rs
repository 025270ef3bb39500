//! A year of one Organization, bought through the pages and charged by the jobs: what an independent tool reads in the documents is what
//! the file of the year, the orders, the credits and the provider say.

use std::collections::BTreeMap;

use chrono::{Duration, TimeZone, Utc};
use diesel::prelude::*;
use portico::background;
use portico::credits::entry::Source;
use portico::db::DbError;
use portico::ids::InvoiceId;
use portico::money::{Currency, Money};
use portico::orders::item::Kind;
use portico::orders::order::{self, Order};
use portico::orders::refund::{self, Ask};
use portico::orders::top_up::choose::SwitchOn;
use portico::orders::top_up::settings::Choice;
use portico::payments::provider::NewRefund;
use portico::schema::{invoices, orders, organizations, sandbox_payments, sandbox_refunds};

use super::pdf::text;
use crate::support::{Browser, Persona, Portal, acme};

/// The seller is in the Union, and there are customers in four countries with currencies of their own.
const CHANGES: [(&str, &str); 5] = [
    ("country = \"CH\"\nvat_id = \"CHE-123.456.789 TVA\"", "country = \"DE\"\nvat_id = \"DE136695976\""),
    (
        "[countries.CH]",
        "[countries.FR]\ncurrency = \"EUR\"\ntax = \"TVA\"\ntax_rate = 20\n\n[countries.JP]\ncurrency = \"JPY\"\n\
         tax = \"Consumption tax\"\ntax_rate = 10\n\n[countries.CH]",
    ),
    ("CHF = 2690.00, USD = 2860.00", "CHF = 2690.00, USD = 2860.00, EUR = 2790.01, JPY = 410000"),
    ("CHF = 139.00, USD = 149.00", "CHF = 139.00, USD = 149.00, EUR = 144.00, JPY = 21003"),
    ("CHF = 99.00, USD = 109.00", "CHF = 99.00, USD = 109.00, EUR = 103.00, JPY = 15000"),
];

/// Buys something and pays for it, as somebody does who presses the buttons. Answers the number of the order.
fn buy(portal: &Portal, owner: &Browser, path: &str, coupon: &str) -> String {
    let key = portal.app.now().to_string();
    let form = [("form_key", key.as_str()), ("quantity", "1"), ("coupon", coupon), ("act", "pay")];
    let page = owner.post(&acme(path), &form);
    assert_eq!(page.status, 303, "{}", page.text());
    let paid = owner.post(page.location(), &[("act", "pay"), ("card", "good")]);
    let back = owner.get(paid.location());
    assert!(owner.follow(back).text().contains("Thank you"), "{path}");
    portal.query(|connection| orders::table.order(orders::id.desc()).select(orders::number).first(connection))
}

fn move_to(portal: &Portal, country: &str, vat_id: &str) {
    let acme = portal.organization_id();
    let details = (organizations::country.eq(country), organizations::tax_id.eq(vat_id));
    portal.rewrite(|connection| diesel::update(organizations::table.find(acme)).set(details).execute(connection));
}

/// Gives money back as the command line does.
fn give_back(portal: &Portal, number: &str, amount: Option<i64>) {
    let operator = portal.operator();
    let write = &portal.app;
    let asked = write.write_now::<_, DbError>(|tx| refund::ask(tx, &operator, number, amount)).expect("an answer");
    let Ask::Asked { order, payment, refund: asked } = asked else { panic!("{number}: {asked:?}") };
    let (key, provider_payment) = (asked.id.to_string(), payment.provider_payment.expect("it was paid"));
    let new = NewRefund { key, provider_payment, amount: order.bill.money(asked.amount) };
    let given = portal.provider().refund(&new).expect("it is given back");
    let finished = write.write_now::<_, DbError>(|tx| refund::finish(tx, &operator, &asked, &given));
    assert!(finished.expect("it is stored").is_some());
}

/// So many weeks, with what is due done in each.
fn pass(portal: &Portal, weeks: usize) {
    for _ in 0..weeks {
        portal.later(Duration::days(7));
        background::runner(&portal.app).run_due().expect("the jobs run");
    }
}

/// From January to December. Four countries, a coupon, renewals, top-ups, a part and a whole that are given back.
fn live_through_the_year(portal: &Portal) {
    portal.shop_with(&CHANGES);
    let start = Utc.with_ymd_and_hms(2027, 1, 4, 9, 0, 0).single().expect("a moment");
    portal.later(start - portal.app.now().to_utc());
    let owner = || portal.signed_in(Persona::Owner);
    buy(portal, &owner(), "/plans/shop/cloud/buy/cloud-monthly", "SPRING27");
    let credits = buy(portal, &owner(), "/credits/buy/credits-100", "");
    let monthly_cap = Money { minor: 100_000, currency: Currency::Chf };
    let choice = Choice { package: "credits-100".to_owned(), threshold: 50, monthly_cap };
    assert_eq!(portal.switch_on(&choice), SwitchOn::On { has_begun: false });
    for number in 0..3 {
        portal.spend(80, &format!("job-{number}"));
        pass(portal, 5);
    }
    move_to(portal, "FR", "FR 40 303 265 045");
    buy(portal, &owner(), "/plans/shop/mapper/buy/mapper-yearly", "spring 27");
    pass(portal, 10);
    move_to(portal, "JP", "T1234567890123");
    let yen = buy(portal, &owner(), "/plans/shop/mapper/buy/mapper-yearly", "");
    give_back(portal, &yen, Some(100_001));
    pass(portal, 10);
    give_back(portal, &credits, None);
    move_to(portal, "US", "12-3456789");
    buy(portal, &owner(), "/credits/buy/credits-100", "");
    pass(portal, 15);
}

/// Amounts in minor units by the code of their currency.
type Sums = BTreeMap<String, i64>;

fn summed(rows: impl IntoIterator<Item = (String, i64)>) -> Sums {
    let mut sums = Sums::new();
    for (currency, minor) in rows {
        *sums.entry(currency).or_default() += minor;
    }
    sums
}

/// The digits of an amount, with its sign.
fn minor(text: &str) -> i64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let minor: i64 = digits.parse().unwrap_or_else(|_| panic!("no amount: {text}"));
    if text.starts_with(['-', '−']) { -minor } else { minor }
}

/// What stands behind a name in a document.
fn read(text: &str, name: &str, currency: &str) -> i64 {
    let line = text.lines().map(str::trim).find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("{name} is not in {text}"));
    let (before, amount) = line.rsplit_once(currency).unwrap_or_else(|| panic!("{line} is not in {currency}"));
    let is_negative = before.ends_with('−') || amount.trim().starts_with('−');
    if is_negative { -minor(amount.trim().trim_start_matches('−')) } else { minor(amount.trim()) }
}

/// The rows of the file of the year.
fn file_of_the_year(owner: &Browser) -> Vec<csv::StringRecord> {
    let answer = owner.get(&acme("/plans/invoices/export.csv?year=2027"));
    let text = answer.body.trim_start_matches('\u{feff}').to_owned();
    csv::Reader::from_reader(text.as_bytes()).records().map(|record| record.expect("a record")).collect()
}

/// What each document says that it comes to, read from its PDF and compared with its row.
fn sums_of_documents(portal: &Portal, owner: &Browser, rows: &[csv::StringRecord]) -> Vec<(String, i64)> {
    let ids: BTreeMap<String, InvoiceId> = portal.query(|connection| {
        let all: Vec<(String, InvoiceId)> =
            invoices::table.select((invoices::number, invoices::id)).load(connection)?;
        Ok(all.into_iter().collect())
    });
    let document = |row: &csv::StringRecord| {
        let (number, currency) = (&row[0], &row[8]);
        let pdf = owner.get(&acme(&format!("/plans/invoices/{}/pdf", ids[number])));
        let text = text(&pdf.bytes);
        assert!(text.contains(number) && text.contains(&row[3]), "{number}: {text}");
        let tax = if row[6].contains('%') { &row[6] } else { "Tax" };
        let said = [("Without tax", 4), (tax, 5), ("Total", 7)].map(|(name, at)| (read(&text, name, currency), at));
        for (said, at) in said {
            assert_eq!(said, minor(&row[at]), "{number}: {text}");
        }
        assert_eq!(text.contains("Reverse charge"), &row[6] == "Reverse charge", "{number}");
        (currency.to_owned(), read(&text, "Total", currency))
    };
    rows.iter().map(document).collect()
}

fn paid_orders(portal: &Portal) -> Vec<Order> {
    let numbers: Vec<String> = portal.query(|connection| {
        orders::table.filter(orders::status.eq("paid")).order(orders::id).select(orders::number).load(connection)
    });
    let find = |number: &String| portal.app.db.read(|connection| order::numbered(connection, number));
    numbers.iter().map(|number| find(number).expect("it is read").expect("it is there")).collect()
}

/// What the provider took, and what it gave back.
fn records_of_the_provider(portal: &Portal) -> Sums {
    let taken: Vec<(String, String, i64)> = portal.query(|connection| {
        let taken = sandbox_payments::table.filter(sandbox_payments::declined.eq(""));
        taken.select((sandbox_payments::id, sandbox_payments::currency, sandbox_payments::amount)).load(connection)
    });
    let given: Vec<(String, i64)> = portal.query(|connection| {
        sandbox_refunds::table.select((sandbox_refunds::payment, sandbox_refunds::amount)).load(connection)
    });
    let currency_of = |payment: &str| {
        let (_, currency, _) = taken.iter().find(|(id, ..)| id == payment).expect("what is given back was taken");
        currency.clone()
    };
    let given: Vec<(String, i64)> = given.into_iter().map(|(payment, minor)| (currency_of(&payment), -minor)).collect();
    summed(taken.iter().map(|(_, currency, minor)| (currency.clone(), *minor)).chain(given))
}

#[test]
#[cfg_attr(not(has_poppler), ignore = "poppler's tools are not installed")]
fn the_documents_of_a_year_say_what_was_paid() {
    let portal = Portal::on_sqlite();
    live_through_the_year(&portal);
    let owner = portal.signed_in(Persona::Owner);
    let rows = file_of_the_year(&owner);
    let said = summed(sums_of_documents(&portal, &owner, &rows));
    let orders = paid_orders(&portal);
    let kept = orders.iter().map(|order| (order.bill.currency.code().to_owned(), order.bill.total - order.refunded));
    assert_eq!(said, summed(kept), "the orders");
    assert_eq!(said, records_of_the_provider(&portal), "the provider");
    assert_eq!(said.len(), 4, "{said:?}");
    // It was such a year.
    let count = |kind: Kind| orders.iter().filter(|order| order.item.kind() == kind).count();
    let has = |column: usize, what: &str| rows.iter().filter(|row| row[column].contains(what)).count();
    assert_eq!((has(2, "Invoice"), has(2, "Credit note")), (orders.len(), 2));
    assert!(count(Kind::Renewal) >= 11 && count(Kind::TopUp) >= 2, "{:?}", rows);
    assert!(has(6, "Reverse charge") >= 2 && has(6, "Consumption tax") >= 2 && has(6, "No tax") >= 1, "{rows:?}");
    assert_eq!(orders.iter().filter(|order| order.coupon.is_some()).count(), 2);
    // Each package that an invoice is about is in the ledger, and the one that was given back went as far as it was left.
    let bought = portal.ledger().iter().filter(|entry| entry.source == Some(Source::Purchase)).count();
    assert_eq!(bought, count(Kind::Credits) + count(Kind::TopUp));
    portal.assert_ledgers_agree();
}
