//! `/sign-in/confirm/passkey`: a passkey in place of the password, from the page of `/sign-in/confirm`.

use actix_web::{HttpRequest, HttpResponse};

use super::confirm::{ConfirmForm, go_on, holder_of, page};
use super::passkey_form::{DETAIL, PasskeyForm, Refused, refused};
use crate::accounts::passkeys::confirm::{Confirm, confirm, whose};
use crate::accounts::passkeys::credential_ids;
use crate::error::AppError;
use crate::security::{Event, Who};
use crate::web::{Form, PageContext, browser, with_retry_after};

/// What the script of the page asks the browser.
pub async fn ask(context: PageContext) -> Result<HttpResponse, AppError> {
    let app = &context.app;
    let party = app.passkeys.as_ref().ok_or(AppError::NotFound)?;
    let signed_in = holder_of(&context, &ConfirmForm::default())?;
    let user = signed_in.person.user_id.clone();
    let known = app.read(move |connection| credential_ids(connection, &user)).await?;
    Ok(HttpResponse::Ok().json(party.ask(&app.context.sealer, whose(&signed_in), &known, app.now())))
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<PasskeyForm>,
) -> Result<HttpResponse, AppError> {
    let party = context.app.passkeys.clone().ok_or(AppError::NotFound)?;
    let (answer, browser) = (form.0.answer(), browser(&request));
    let PasskeyForm { next, kept, .. } = form.0;
    let form = ConfirmForm { next, kept, ..ConfirmForm::default() };
    let signed_in = holder_of(&context, &form)?;
    let holder = signed_in.person.user_id.clone();
    match context.app.write(move |tx| confirm(tx, &party, &signed_in, &answer, &browser)).await? {
        Confirm::Confirmed(session) => go_on(&request, &context, &session, &form.next, &form.kept, DETAIL).await,
        Confirm::Refused(refusal) => {
            let Refused { status, errors, too_often } =
                refused(&request, Event::Confirmation, Who::User(&holder), refusal);
            Ok(with_retry_after(page(context, status, form, errors).await?, too_often))
        }
        Confirm::SignedOut => Err(form.signed_out()),
    }
}
