//! The buttons of one open invitation in the list.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::{InvitationId, RemovalBatchId};
use crate::people::invite::{self, Resend, Withdraw};
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::undo;
use crate::time::duration;
use crate::web::{Flash, FlashKind, PageContext, Query, path_id};

pub async fn resend(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let people = filter.0.row(&scope, id.as_str());
    let (kind, message) = match context.app.write(move |tx| invite::resend(tx, &scope, &id)).await? {
        Resend::Sent { email } => {
            let message = format!("A new invitation is on its way to {email}. The earlier link no longer works.");
            return Ok(context.lead_to_mail(&people, FlashKind::Success, message));
        }
        Resend::NotAllowed => (FlashKind::Error, "Your role does not allow this. Nothing was sent.".to_owned()),
        Resend::Gone => return Err(AppError::NotFound),
        Resend::OtherDomain { email, allowed } => {
            (FlashKind::Error, format!("Nothing was sent to {email}: only addresses of {allowed} can be invited."))
        }
        Resend::TooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            (FlashKind::Error, format!("That was sent several times just now. Wait {wait} and try again."))
        }
    };
    Ok(context.lead_to(&people, kind, message))
}

pub async fn withdraw(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let (list, row) = (filter.0.list(&scope), filter.0.row(&scope, id.as_str()));
    let batch = RemovalBatchId::new(context.app.now());
    let action = undo::offer(&scope, &filter.0, &batch);
    match context.app.write(move |tx| invite::withdraw(tx, &scope, &id, &batch)).await? {
        Withdraw::Withdrawn { email } => {
            let message = format!("The invitation to {email} was withdrawn.");
            let flash = Flash { kind: FlashKind::Success, message, actions: vec![action] };
            Ok(context.lead_to_with(&list, flash))
        }
        Withdraw::NotAllowed => {
            let message = "Your role does not allow this. Nothing was changed.";
            Ok(context.lead_to(&row, FlashKind::Error, message))
        }
        Withdraw::Gone => Err(AppError::NotFound),
    }
}
