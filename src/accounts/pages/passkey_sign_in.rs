//! `/sign-in/passkey`: signing in by a passkey, from the page of `/sign-in`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::come_back;
use super::sign_in::{SUSPENDED, SignInForm, page};
use crate::accounts::passkeys::{self, Answer, SignIn};
use crate::error::AppError;
use crate::security::{Event, Outcome, Who};
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, Form, PageContext, browser, remember, security_event_by, see_other, too_often_sentence,
    with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasskeyForm {
    question: String,
    answer: String,
    #[serde(deserialize_with = "one_line")]
    next: String,
    /// A form that came after its sender was signed out, sealed.
    kept: String,
}

const DETAIL: &str = "passkey";

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
    let Form(PasskeyForm { question, answer, next, kept }) = form;
    let (answer, form) = (Answer { question, answer }, SignInForm { next, kept, ..SignInForm::default() });
    let browser = browser(&request);
    let tell = |outcome, who| security_event_by(&request, Event::SignIn, outcome, who, DETAIL);
    let outcome = context.app.write(move |tx| passkeys::sign_in(tx, &party, &answer, &browser)).await?;
    let (status, sentence) = match outcome {
        SignIn::SignedIn(session) => {
            tell(Outcome::Success, Who::User(&session.holder));
            let target =
                come_back::target(&context, &session.holder, &form.next, &form.kept, come_back::SIGNED_OUT).await;
            return remember(&request, &session, see_other(&target));
        }
        SignIn::TooOften(too_often) => {
            tell(Outcome::Limited, Who::Nobody);
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?;
            return Ok(with_retry_after(answer, too_often));
        }
        SignIn::Suspended => (StatusCode::FORBIDDEN, SUSPENDED),
        SignIn::Outdated => {
            tell(Outcome::Refused, Who::Nobody);
            (StatusCode::UNPROCESSABLE_ENTITY, "That took too long, or it was sent before. Try again.")
        }
        SignIn::Wrong => {
            tell(Outcome::Refused, Who::Nobody);
            (StatusCode::UNPROCESSABLE_ENTITY, "This passkey does not sign in here. It may have been removed.")
        }
        SignIn::Copied(user) => {
            security_event_by(&request, Event::PasskeyCopied, Outcome::Refused, Who::User(&user), "");
            let sentence =
                "This passkey was refused: there seems to be a copy of it. Sign in with your password and remove it.";
            (StatusCode::UNPROCESSABLE_ENTITY, sentence)
        }
    };
    page(context, status, form, FieldErrors::form_only(sentence)).await
}
