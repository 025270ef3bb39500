//! `/organizations/{slug}/plans/invoices/{id}`: an invoice or a credit note, to be read and printed.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::Scope;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::ids::InvoiceId;
use crate::invoices::invoice::{self, Invoice, Kind};
use crate::invoices::listing::{self, Summary};
use crate::invoices::pages::view::InvoiceView;
pub use crate::invoices::pages::view::title;
use crate::web::{Layout, PageContext, Section, path_id};

/// Another document of the same order.
struct Related {
    href: String,
    title: String,
    total: String,
}

#[derive(Template)]
#[template(path = "invoices/invoice.html")]
struct InvoicePage {
    layout: Layout,
    slug: String,
    id: String,
    view: InvoiceView,
    related: Vec<Related>,
}

/// A document with the others of its order. Two statements.
pub(super) fn read(
    connection: &mut Connection,
    scope: &Scope,
    id: &InvoiceId,
) -> Result<Option<(Invoice, Vec<Summary>)>, DbError> {
    let Some(invoice) = invoice::find(connection, scope, id)? else { return Ok(None) };
    let mut others = listing::of_order(connection, scope, &invoice.order_id)?;
    others.retain(|other| other.id != invoice.id);
    Ok(Some((invoice, others)))
}

/// The number of the invoice that a credit note takes back.
pub(super) fn number_of<'a>(invoice: &Invoice, others: &'a [Summary]) -> Option<&'a str> {
    let of = invoice.invoice_id.as_ref()?;
    others.iter().find(|other| other.id == *of).map(|other| other.number.as_str())
}

/// The path of the page of a document.
pub fn path(scope: &Scope, id: &InvoiceId) -> String {
    scope.path(&format!("/plans/invoices/{id}"))
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvoiceId::parse)?;
    context
        .show(move |connection, layout| {
            let (invoice, others) = read(connection, &scope, &id)?.ok_or(AppError::NotFound)?;
            // Of a credit note the invoice, of an invoice its credit notes.
            let is_told = |other: &&Summary| invoice.kind == Kind::Invoice || other.kind == Kind::Invoice;
            let related = others.iter().filter(is_told).map(|other| Related {
                href: path(&scope, &other.id),
                title: title(other.kind, &other.number),
                total: invoice.bill.money(other.total).to_string(),
            });
            Ok(InvoicePage {
                slug: scope.slug().to_owned(),
                id: id.to_string(),
                related: related.collect(),
                view: InvoiceView::new(&invoice, number_of(&invoice, &others)),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}
