//! `/invitations/{token}`: the page behind the link in an invitation mail, for people who have an account.

use actix_identity::Identity;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::lead_on::{Verb, lead_on};
use super::page::{InvitationSignUpForm, find, key_of, page, path_of, unusable};
use crate::access::SignedIn;
use crate::accounts::sessions;
use crate::error::AppError;
use crate::people::offers::{self, Answer, Key};
use crate::security::{Event, Outcome};
use crate::web::{FieldErrors, PageContext, forget, security_event, see_other};

/// Shows the invitation. Opening a link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(&request);
    let Some(invited) = find(&context.app, &key).await? else {
        return used_or_unusable(&request, context, key).await;
    };
    page(context, StatusCode::OK, token, invited, InvitationSignUpForm::default(), FieldErrors::none()).await
}

/// People keep the mail to come back by: who has joined by the link is led into the Organization.
async fn used_or_unusable(request: &HttpRequest, context: PageContext, key: Key) -> Result<HttpResponse, AppError> {
    if let Some(signed_in) = context.signed_in.clone() {
        let joined = context.app.read(move |connection| offers::joined_by(connection, &key, &signed_in.person));
        if let Some(membership) = joined.await? {
            return Ok(see_other(&format!("/organizations/{}", membership.slug)));
        }
    }
    unusable(request, context).await
}

pub async fn accept(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    answer(&request, context, signed_in, offers::accept).await
}

pub(super) async fn answer(
    request: &HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    verb: Verb,
) -> Result<HttpResponse, AppError> {
    let (token, key) = key_of(request);
    let answered = key.clone();
    let answer = context.app.write(move |tx| verb(tx, &answered, &signed_in.person)).await?;
    if let Some(response) = lead_on(&context, &answer) {
        return Ok(response);
    }
    if answer == Answer::WrongAccount
        && let Some(invited) = find(&context.app, &key).await?
    {
        // The page says whose invitation it is, and offers to switch.
        let nothing_typed = InvitationSignUpForm::default();
        return page(context, StatusCode::FORBIDDEN, token, invited, nothing_typed, FieldErrors::none()).await;
    }
    unusable(request, context).await
}

/// Signs out, and comes back to the invitation.
pub async fn switch(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    identity: Option<Identity>,
) -> Result<HttpResponse, AppError> {
    let (token, _) = key_of(&request);
    context.app.write(move |tx| sessions::end(tx, &signed_in.session_id)).await?;
    security_event(&request, Event::SignOut, Outcome::Success, "");
    forget(identity, &context.session);
    Ok(see_other(&path_of(&token)))
}
