//! `/sign-in/two-factor/passkey`: a passkey as the second step, from the page of `/sign-in/two-factor`.

use actix_web::{HttpRequest, HttpResponse};

use super::passkey_form::{DETAIL, Refused, refused};
use super::second_step::{Kind, begin_anew, page, signed_in, waiting};
use crate::accounts::passkeys::second_step::{SecondStep, second_step, whose};
use crate::accounts::passkeys::{Answer, credential_ids};
use crate::error::AppError;
use crate::security::{Event, Who};
use crate::web::{Form, PageContext, browser, with_retry_after};

/// What the script of the page asks the browser.
pub async fn ask(context: PageContext) -> Result<HttpResponse, AppError> {
    let app = &context.app;
    let party = app.passkeys.as_ref().ok_or(AppError::NotFound)?;
    let waiting = waiting(&context).await?.ok_or(AppError::NotFound)?;
    let user = waiting.pending.user_id.clone();
    let known = app.read(move |connection| credential_ids(connection, &user)).await?;
    Ok(HttpResponse::Ok().json(party.ask(&app.context.sealer, whose(&waiting.pending), &known, app.now())))
}

pub async fn submit(request: HttpRequest, context: PageContext, form: Form<Answer>) -> Result<HttpResponse, AppError> {
    let party = context.app.passkeys.clone().ok_or(AppError::NotFound)?;
    let Some(waiting) = waiting(&context).await? else { return Ok(begin_anew(&context)) };
    let (secret, answer, browser) = (waiting.secret.clone(), form.0, browser(&request));
    match context.app.write(move |tx| second_step(tx, &party, &secret, &answer, &browser)).await? {
        SecondStep::SignedIn(session, destination) => {
            signed_in(&request, &context, &session, &destination, DETAIL).await
        }
        SecondStep::Refused(user, refusal) => {
            let Refused { status, errors, too_often } = refused(&request, Event::SecondStep, Who::User(&user), refusal);
            Ok(with_retry_after(page(context, status, waiting, Kind::First, errors).await?, too_often))
        }
        SecondStep::Gone => Ok(begin_anew(&context)),
    }
}
