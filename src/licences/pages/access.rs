//! `/organizations/{slug}/plans/{id}/access`: who among Readers and Members may use a licence.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::ids::{LicenceId, MembershipId};
use crate::licences::grants::{self, Grant, Revoke};
use crate::licences::pages::licence::{self, AccessForm, Answer};
use crate::licences::pages::seats::back;
use crate::web::{FieldErrors, FlashKind, Form, PageContext, path_id, role_lost};

pub async fn grant(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<AccessForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["email"]);
    if !errors.is_empty() {
        let answer = Answer { form, errors, ..Answer::default() };
        return licence::page(context, scope, id, StatusCode::UNPROCESSABLE_ENTITY, answer).await;
    }
    let (by, licence, email) = (scope.clone(), id.clone(), form.email.clone());
    let problem = match context.app.write(move |tx| grants::grant(tx, &by, &licence, &email)).await? {
        Grant::Granted { name } => {
            return Ok(back(&context, &scope, &id, FlashKind::Success, format!("{name} has access now.")));
        }
        Grant::Already { name } => {
            let message = format!("{name} has access already. Nothing was changed.");
            return Ok(back(&context, &scope, &id, FlashKind::Notice, message));
        }
        Grant::Gone => return Err(AppError::NotFound),
        Grant::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::ManageLicences).await),
        Grant::ByRole { name, role } => format!("{name} is {role}, and uses every licence without this."),
        Grant::Unknown => format!("Nobody with this address is in {}. Invite them first.", scope.membership.name),
    };
    let answer = Answer { form, errors: FieldErrors::field_only("email", problem), ..Answer::default() };
    licence::page(context, scope, id, StatusCode::UNPROCESSABLE_ENTITY, answer).await
}

pub async fn revoke(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", LicenceId::parse)?;
    let person = path_id(&request, "person", MembershipId::parse)?;
    let (by, licence) = (scope.clone(), id.clone());
    let (kind, message) = match context.app.write(move |tx| grants::revoke(tx, &by, &licence, &person)).await? {
        Revoke::Revoked { name, had_seat: false } => (FlashKind::Success, format!("{name} has no access any more.")),
        Revoke::Revoked { name, had_seat: true } => {
            (FlashKind::Success, format!("{name} has no access any more, and their seat is free."))
        }
        Revoke::None { name } => {
            (FlashKind::Notice, format!("{name} has no access of this kind. Nothing was changed."))
        }
        Revoke::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::ManageLicences).await),
        Revoke::Gone => return Err(AppError::NotFound),
    };
    Ok(back(&context, &scope, &id, kind, message))
}
