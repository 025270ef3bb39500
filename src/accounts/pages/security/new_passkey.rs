//! `/account/security/passkeys/new`: the browser makes a passkey, by a script.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use super::PASSKEYS;
use crate::access::SignedIn;
use crate::accounts::passkeys::{self, Add, Answer, LONGEST_NAME};
use crate::accounts::user_agent;
use crate::error::AppError;
use crate::limits::TooOften;
use crate::security::{Event, Outcome};
use crate::web::form::rules::{name, one_line, plain_name};
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, Next, PageContext, Query, Section, browser, own_path, security_event,
    too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct NewPasskeyForm {
    #[serde(deserialize_with = "name")]
    #[validate(custom(function = "plain_name"), length(max = 60, message = "Use at most 60 characters."))]
    passkey_name: String,
    question: String,
    answer: String,
    /// Where to go once it is added.
    #[serde(deserialize_with = "one_line")]
    next: String,
}

impl NewPasskeyForm {
    fn next(&self) -> &str {
        own_path(&self.next).unwrap_or(PASSKEYS)
    }
}

/// What it is called unless its holder says otherwise.
fn usual_name(request: &HttpRequest) -> String {
    let name = user_agent::words(&browser(request).user_agent).unwrap_or_else(|| "Passkey".to_owned());
    name.chars().take(LONGEST_NAME).collect()
}

#[derive(Template)]
#[template(path = "accounts/security/new_passkey.html")]
struct NewPasskeyPage {
    layout: Layout,
    /// Where the browser must have opened the page.
    origin: String,
    form: NewPasskeyForm,
    errors: FieldErrors,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: NewPasskeyForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let origin = context.app.passkeys.as_ref().ok_or(AppError::NotFound)?.origin.clone();
    let build = move |_: &mut _, layout: Layout| {
        Ok(NewPasskeyPage { layout: layout.at(Section::Security), origin, form, errors })
    };
    context.show_as(status, build).await
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    _: SignedIn,
    query: Query<Next>,
) -> Result<HttpResponse, AppError> {
    let next = context.filled_in("next").unwrap_or(query.0.next);
    let form = NewPasskeyForm { passkey_name: usual_name(&request), next, ..NewPasskeyForm::default() };
    page(context, StatusCode::OK, form, FieldErrors::none()).await
}

/// `/account/security/passkeys/question`: what the script of the page asks the browser.
pub async fn ask(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let app = &context.app;
    let party = app.passkeys.as_ref().ok_or(AppError::NotFound)?;
    let user = signed_in.person.user_id.clone();
    let known = app.read(move |connection| passkeys::credential_ids(connection, &user)).await?;
    Ok(HttpResponse::Ok().json(party.ask_for_one(&app.context.sealer, &signed_in.person, &known, app.now())))
}

async fn limited(
    request: &HttpRequest,
    context: PageContext,
    form: NewPasskeyForm,
    too_often: TooOften,
) -> Result<HttpResponse, AppError> {
    security_event(request, Event::Passkey, Outcome::Limited, "added");
    let errors = FieldErrors::form_only(too_often_sentence(too_often));
    let answer = page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?;
    Ok(with_retry_after(answer, too_often))
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<NewPasskeyForm>,
) -> Result<HttpResponse, AppError> {
    let Form(mut form) = form;
    if form.passkey_name.is_empty() {
        form.passkey_name = usual_name(&request);
    }
    let errors = FieldErrors::check(&form, &["passkey_name"]);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let party = context.app.passkeys.clone().ok_or(AppError::NotFound)?;
    let answer = Answer { question: form.question.clone(), answer: form.answer.clone() };
    let name = form.passkey_name.clone();
    let outcome = context.app.write(move |tx| passkeys::add(tx, &party, &signed_in.person, &answer, &name)).await?;
    let sentence = match outcome {
        Add::Added => {
            security_event(&request, Event::Passkey, Outcome::Success, "added");
            let message = format!("The passkey “{}” is added. You can sign in with it.", form.passkey_name);
            return Ok(context.lead_to(form.next(), FlashKind::Success, message));
        }
        Add::TooOften(too_often) => return limited(&request, context, form, too_often).await,
        Add::Outdated => "That took too long, or it was sent before. Nothing was added. Try again.",
        Add::Refused => "The browser did not make a passkey that can sign in here. Nothing was added. Try again.",
        Add::Known => "This passkey was added before.",
        Add::TooMany => "You have as many passkeys as an account can have. Remove one first.",
    };
    security_event(&request, Event::Passkey, Outcome::Refused, "added");
    page(context, StatusCode::UNPROCESSABLE_ENTITY, form, FieldErrors::form_only(sentence)).await
}
