//! `/organizations/{slug}/plans/invoices/export.csv?year=2026`: the invoices and credit notes of a year, for whoever keeps the books.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Datelike;
use serde::Deserialize;

use crate::access::{Permission, Scope, SignedIn};
use crate::app::App;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::invoices::invoice::Invoice;
use crate::invoices::listing::{self, After};
use crate::invoices::pages::view::{tax_words, word};
use crate::security::Event;
use crate::time::Timestamp;
use crate::web::{Exported, Query, export, harmless};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct YearQuery {
    year: String,
}

impl YearQuery {
    /// The present one where none is named. `None` for what is no year.
    fn year(&self, now: Timestamp) -> Option<i32> {
        match self.year.as_str() {
            "" => Some(now.day().year()),
            text => text.parse().ok().filter(|year| text.len() == 4 && (2000..=9998).contains(year)),
        }
    }
}

/// The documents of a year.
pub struct OfYear(i32);

impl Exported for OfYear {
    type Row = Invoice;

    const NAME: &'static str = "invoices";
    const EVENT: Event = Event::InvoicesExport;
    const PERMISSION: Permission = Permission::ViewOrders;
    const HEADING: &'static [&'static str] = &[
        "Number",
        "Date (UTC)",
        "What",
        "Order",
        "Without tax",
        "Tax",
        "Which tax",
        "Total",
        "Currency",
        "Buyer",
        "Country",
        "VAT id",
    ];

    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        _: Timestamp,
    ) -> Result<Vec<Invoice>, DbError> {
        listing::of_year(connection, scope, self.0, after.and_then(After::parse).as_ref(), limit)
    }

    fn key(row: &Invoice) -> String {
        After::of(row).to_string()
    }

    fn cells(row: &Invoice) -> Vec<String> {
        let bill = &row.bill;
        let amount = |minor| bill.money(minor).digits();
        vec![
            harmless(&row.number),
            row.issued_at.day().to_string(),
            word(row.kind).to_owned(),
            harmless(&row.order_number),
            amount(bill.net),
            amount(bill.tax),
            harmless(&tax_words(&bill.treatment)),
            amount(bill.total),
            bill.currency.code().to_owned(),
            harmless(&row.buyer.name),
            row.buyer.country.clone(),
            harmless(&row.buyer.vat_id),
        ]
    }
}

pub async fn download(
    request: HttpRequest,
    app: web::Data<App>,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<YearQuery>,
) -> Result<HttpResponse, AppError> {
    const WRONG: AppError = AppError::BadRequest("The year must be four digits, such as 2026.");
    let year = query.0.year(app.now()).ok_or(WRONG)?;
    export(&request, scope, signed_in, OfYear(year)).await
}
