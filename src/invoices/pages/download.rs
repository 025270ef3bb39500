//! `/organizations/{slug}/plans/invoices/{id}/pdf`: the same as a file.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::Value;

use crate::access::Scope;
use crate::app::App;
use crate::error::AppError;
use crate::ids::InvoiceId;
use crate::invoices::invoice::Invoice;
use crate::invoices::pages::invoice::{number_of, read};
use crate::invoices::pages::view::InvoiceView;
use crate::pdf::{Document, PdfError, Template};
use crate::web::path_id;

/// What is typeset: of the same invoice always the same.
fn document(invoice: &Invoice, of: Option<&str>) -> Result<Document, AppError> {
    let data = serde_json::to_value(InvoiceView::new(invoice, of));
    let data: Value = data.map_err(|error| AppError::Internal(format!("{}: {error}", invoice.id)))?;
    Ok(Document { template: Template::Invoice, data, id: invoice.id.to_string(), made_at: invoice.issued_at })
}

/// What the file is called: a number begins with whatever the seller chose.
fn file_name(number: &str) -> String {
    let harmless = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    format!("{}.pdf", number.chars().map(harmless).collect::<String>())
}

pub async fn serve(request: HttpRequest, app: web::Data<App>, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvoiceId::parse)?;
    let found = app.read(move |connection| read(connection, &scope, &id)).await?;
    let (invoice, others) = found.ok_or(AppError::NotFound)?;
    let document = document(&invoice, number_of(&invoice, &others))?;
    let pdf = app.typesetter.typeset(document).await.map_err(|error| match error {
        PdfError::Busy => AppError::Unavailable(error.to_string()),
        PdfError::Failed(_) => AppError::Internal(error.to_string()),
    })?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(&invoice.number));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/pdf"))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .body(pdf))
}
