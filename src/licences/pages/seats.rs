//! `/organizations/{slug}/plans/{id}/occupy`, `…/release` and `…/seats/{person}/release`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::ids::{LicenceId, MembershipId};
use crate::licences::pages::licence::{self, Refusal, path};
use crate::licences::seats::{self, Occupy, Release};
use crate::web::{FlashKind, PageContext, path_id, role_lost};

pub async fn occupy(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    let outcome = context.app.write(move |tx| seats::occupy(tx, &by, &licence)).await?;
    let refusal = match outcome {
        Occupy::Occupied => return Ok(back(&context, &scope, &id, FlashKind::Success, "You have a seat now.")),
        Occupy::Already => {
            return Ok(back(&context, &scope, &id, FlashKind::Notice, "You have a seat already. Nothing was changed."));
        }
        Occupy::Gone => return Err(AppError::NotFound),
        Occupy::Full { seats: 1 } => "The only seat is occupied. Somebody has to release it first.".to_owned(),
        Occupy::Full { seats } => format!("All {seats} seats are occupied. Somebody has to release one first."),
        Occupy::WithoutSeats => "This licence has no seats: nobody needs one to use it.".to_owned(),
        Occupy::NotValid => "This licence is not valid now, so it gives nobody a new seat.".to_owned(),
    };
    licence::refused(context, scope, id, Refusal(StatusCode::CONFLICT, refusal)).await
}

pub async fn release(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    match context.app.write(move |tx| seats::release_own(tx, &by, &licence)).await? {
        Release::Released { .. } => {
            Ok(back(&context, &scope, &id, FlashKind::Success, "Your seat is free for somebody else."))
        }
        Release::None { .. } => {
            Ok(back(&context, &scope, &id, FlashKind::Notice, "You have no seat. Nothing was changed."))
        }
        Release::NotAllowed | Release::Gone => Err(AppError::NotFound),
    }
}

pub async fn release_of(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let person = path_id(&request, "person", MembershipId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    match context.app.write(move |tx| seats::release_of(tx, &by, &licence, &person)).await? {
        Release::Released { name } => {
            Ok(back(&context, &scope, &id, FlashKind::Success, format!("The seat of {name} is free.")))
        }
        Release::None { name } => {
            let message = format!("{name} has no seat any more. Nothing was changed.");
            Ok(back(&context, &scope, &id, FlashKind::Notice, message))
        }
        Release::NotAllowed => Err(role_lost(&context.app, &scope, Permission::ManageLicences).await),
        Release::Gone => Err(AppError::NotFound),
    }
}

/// Leads back to the page of the licence.
pub(super) fn back(
    context: &PageContext,
    scope: &Scope,
    id: &LicenceId,
    kind: FlashKind,
    message: impl Into<String>,
) -> HttpResponse {
    context.lead_to(&path(scope, id), kind, message)
}
