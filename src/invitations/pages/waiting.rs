//! Answering an invitation from Home.

use actix_web::{HttpRequest, HttpResponse};

use super::lead_on::{Verb, lead_on};
use crate::access::SignedIn;
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::people::offers::{self, Key};
use crate::web::{PageContext, path_id};

pub async fn accept(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    answer(&request, &context, signed_in, offers::accept).await
}

pub async fn decline(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    answer(&request, &context, signed_in, offers::decline).await
}

async fn answer(
    request: &HttpRequest,
    context: &PageContext,
    signed_in: SignedIn,
    verb: Verb,
) -> Result<HttpResponse, AppError> {
    let key = Key::Id(path_id(request, "id", InvitationId::parse)?);
    let answer = context.app.write(move |tx| verb(tx, &key, &signed_in.person)).await?;
    // Somebody else's invitation, and one that is gone, are both not found.
    lead_on(context, &answer).ok_or(AppError::NotFound)
}
