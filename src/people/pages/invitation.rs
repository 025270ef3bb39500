//! The buttons of one open invitation in the list.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::people::invite::{self, Resend, Withdraw};
use crate::time::duration;
use crate::web::{FlashKind, PageContext, path_id};

pub async fn resend(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let people = scope.path("/people");
    let (kind, message) = match context.app.write(move |tx| invite::resend(tx, &scope, &id)).await? {
        Resend::Sent { email } => {
            let message = format!("A new invitation is on its way to {email}. The earlier link no longer works.");
            (FlashKind::Success, message)
        }
        Resend::NotAllowed => (FlashKind::Error, "Your role does not allow this. Nothing was sent.".to_owned()),
        Resend::Gone => return Err(AppError::NotFound),
        Resend::TooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            (FlashKind::Error, format!("That was sent several times just now. Wait {wait} and try again."))
        }
    };
    Ok(context.lead_to(&people, kind, message))
}

pub async fn withdraw(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let people = scope.path("/people");
    let (kind, message) = match context.app.write(move |tx| invite::withdraw(tx, &scope, &id)).await? {
        Withdraw::Withdrawn { email } => (FlashKind::Success, format!("The invitation to {email} was withdrawn.")),
        Withdraw::NotAllowed => (FlashKind::Error, "Your role does not allow this. Nothing was changed.".to_owned()),
        Withdraw::Gone => return Err(AppError::NotFound),
    };
    Ok(context.lead_to(&people, kind, message))
}
