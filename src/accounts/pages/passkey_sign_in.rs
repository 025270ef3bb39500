//! `/sign-in/passkey`: signing in by a passkey, from the page of `/sign-in`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::come_back;
use super::passkey_form::{DETAIL, PasskeyForm, Refused, refused};
use super::sign_in::{SUSPENDED, SignInForm, page};
use crate::accounts::passkeys::{self, SignIn};
use crate::error::AppError;
use crate::security::{Event, Outcome, Who};
use crate::web::{FieldErrors, Form, PageContext, browser, remember, security_event_by, see_other, with_retry_after};

/// What the script of the page asks the browser.
pub async fn ask(context: PageContext) -> Result<HttpResponse, AppError> {
    let app = &context.app;
    let party = app.passkeys.as_ref().ok_or(AppError::NotFound)?;
    Ok(HttpResponse::Ok().json(party.ask_who(&app.context.sealer, app.now())))
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<PasskeyForm>,
) -> Result<HttpResponse, AppError> {
    let party = context.app.passkeys.clone().ok_or(AppError::NotFound)?;
    let (answer, browser) = (form.0.answer(), browser(&request));
    let PasskeyForm { next, kept, .. } = form.0;
    let form = SignInForm { next, kept, ..SignInForm::default() };
    let refusal = match context.app.write(move |tx| passkeys::sign_in(tx, &party, &answer, &browser)).await? {
        SignIn::SignedIn(session) => {
            security_event_by(&request, Event::SignIn, Outcome::Success, Who::User(&session.holder), DETAIL);
            let target =
                come_back::target(&context, &session.holder, &form.next, &form.kept, come_back::SIGNED_OUT).await;
            return remember(&request, &session, see_other(&target));
        }
        SignIn::Suspended => {
            return page(context, StatusCode::FORBIDDEN, form, FieldErrors::form_only(SUSPENDED)).await;
        }
        SignIn::Refused(refusal) => refusal,
    };
    let Refused { status, errors, too_often } = refused(&request, Event::SignIn, Who::Nobody, refusal);
    Ok(with_retry_after(page(context, status, form, errors).await?, too_often))
}
