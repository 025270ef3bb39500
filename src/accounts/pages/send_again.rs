//! `/sign-up/again`: the message that confirms an address, once more. The answer is the same for every address.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::pages::sign_up::{SIGN_UP_COOKIE_KEY, check_open};
use crate::accounts::sign_ups;
use crate::error::AppError;
use crate::network::network_of;
use crate::security::{Event, Outcome};
use crate::web::form::rules::{email_address, valid_email};
use crate::web::{
    FieldErrors, Form, Layout, PageContext, Query, client_ip, security_event_of, too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct SendAgainForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
}

#[derive(Template)]
#[template(path = "accounts/send_again.html")]
struct SendAgainPage {
    layout: Layout,
    form: SendAgainForm,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "accounts/send_again_sent.html")]
struct SentAgainPage {
    layout: Layout,
    email: String,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: SendAgainForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context.show_plain(status, move |layout| SendAgainPage { layout, form, errors }).await
}

pub async fn show(context: PageContext, query: Query<SendAgainForm>) -> Result<HttpResponse, AppError> {
    check_open(&context.app)?;
    page(context, StatusCode::OK, query.0, FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<SendAgainForm>,
) -> Result<HttpResponse, AppError> {
    check_open(&context.app)?;
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["email"]);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let (email, network) = (form.email.clone(), network_of(&client_ip(&request, &context.app.config)));
    let mark = context.session.get::<String>(SIGN_UP_COOKIE_KEY).ok().flatten().unwrap_or_default();
    if let Some(too_often) = context.app.write(move |tx| sign_ups::send_again(tx, &network, &email, &mark)).await? {
        let errors = FieldErrors::form_only(too_often_sentence(too_often));
        return Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often));
    }
    let email = form.email;
    security_event_of(&request, Event::SignUp, Outcome::Success, &email);
    context.show_plain(StatusCode::OK, move |layout| SentAgainPage { layout, email }).await
}
