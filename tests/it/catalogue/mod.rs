//! What is for sale.

mod faults;
mod import;
mod shop;

use portico::access::Operator;
use portico::catalogue::file;
use portico::catalogue::import::{Compared, import};
use portico::db::DbError;

use crate::support::Portal;

/// The part of a file that every file has.
pub const SELLER: &str = r#"
[seller]
legal_name = "Example Software SA"
postal_address = "Rue du Lac 1"
zip = "1000"
city = "Lausanne"
country = "CH"
vat_id = "CHE-123.456.789 TVA"
order_prefix = "O-"
invoice_prefix = "INV-"
credit_note_prefix = "CN-"

[countries.elsewhere]
currency = "USD"

[countries.CH]
currency = "CHF"
tax = "VAT"
tax_rate = 8.1
"#;

/// Two products, three plans, a package and a coupon.
pub const OFFER: &str = r#"
[products.mapper]
name = "Mapper"
kind = "desktop"
summary = "Maps from images."
includes = ["Orthomosaics", "Volumes"]

[products.cloud]
name = "Cloud"
kind = "cloud"
summary = "Maps in the browser."
includes = ["Sharing"]
storage_gb = 100

[plans.mapper-yearly]
product = "mapper"
name = "Yearly"
term = "yearly"
seats = 5
credits = 100
price = { CHF = 2690.00, USD = 2860.00 }

[plans.mapper-trial]
product = "mapper"
name = "Trial"
term = "trial"
seats = 1

[plans.cloud-monthly]
product = "cloud"
name = "Monthly"
term = "monthly"
price = { CHF = 139.00, USD = 149.00 }

[credit_packages.credits-100]
credits = 100
price = { CHF = 99.00, USD = 109.00 }

[coupons.SPRING27]
percent = 10
until = 2027-06-30
"#;

/// The catalogue of the tests, with some text replaced, which must be there.
pub fn file_with(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(format!("{SELLER}{OFFER}"), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

/// Imports a text without faults of its own.
pub fn import_text(portal: &Portal, text: &str) -> Compared {
    let file = file::read(text).unwrap_or_else(|faults| panic!("{faults:?}"));
    let operator = Operator { name: "ada".to_owned() };
    portal.app.write_now::<_, DbError>(|tx| import(tx, &operator, "catalogue.toml", &file)).expect("an answer")
}
