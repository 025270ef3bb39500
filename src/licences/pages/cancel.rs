//! `/organizations/{slug}/plans/{id}/cancel`, which says what is lost and when, and `…/resume`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::ids::LicenceId;
use crate::licences::cancellation::{self, Cancel, Resume, can_be_cancelled};
use crate::licences::listing;
use crate::licences::pages::licence::{self, Refusal};
use crate::licences::pages::seats::back;
use crate::licences::pages::view::LicenceRow;
use crate::web::{FlashKind, Layout, PageContext, Section, path_id, role_lost};

#[derive(Template)]
#[template(path = "licences/cancel.html")]
struct CancelPage {
    layout: Layout,
    slug: String,
    row: LicenceRow,
    /// Whether there is anything to cancel.
    can_cancel: bool,
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let grace = context.app.config.licence_grace;
    context
        .show(move |connection, layout| {
            let listed = listing::one(connection, &scope, &id)?.ok_or(AppError::NotFound)?;
            Ok(CancelPage {
                slug: scope.slug().to_owned(),
                row: LicenceRow::new(&listed, &layout, grace),
                can_cancel: can_be_cancelled(&listed.licence, layout.now()),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

pub async fn submit(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    let (kind, message) = match context.app.write(move |tx| cancellation::cancel(tx, &by, &licence)).await? {
        Cancel::Cancelled { ends_at } => {
            let last = context.reading().last_day(ends_at).words();
            (FlashKind::Success, format!("Cancelled. Nothing changes until {last}, and you can resume it until then."))
        }
        Cancel::Already => (FlashKind::Notice, "It was cancelled already. Nothing was changed.".to_owned()),
        Cancel::Nothing => {
            let refusal = "There is nothing to cancel: this licence does not go on by itself.".to_owned();
            return licence::refused(context, scope, id, Refusal(StatusCode::CONFLICT, refusal)).await;
        }
        Cancel::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::CancelLicences).await),
        Cancel::Gone => return Err(AppError::NotFound),
    };
    Ok(back(&context, &scope, &id, kind, message))
}

pub async fn resume(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    let (kind, message) = match context.app.write(move |tx| cancellation::resume(tx, &by, &licence)).await? {
        Resume::Resumed => (FlashKind::Success, "Resumed. The licence goes on as before."),
        Resume::NotCancelled => (FlashKind::Notice, "It is not cancelled. Nothing was changed."),
        Resume::TooLate => {
            let refusal = "Its last day is over, so it cannot be resumed.".to_owned();
            return licence::refused(context, scope, id, Refusal(StatusCode::CONFLICT, refusal)).await;
        }
        Resume::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::CancelLicences).await),
        Resume::Gone => return Err(AppError::NotFound),
    };
    Ok(back(&context, &scope, &id, kind, message))
}
