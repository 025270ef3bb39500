//! `/forgot-password`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::resets;
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::web::form::rules::{email_address, valid_email};
use crate::web::{
    FieldErrors, Form, Layout, PageContext, browser, security_event_of, too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct ForgotPasswordForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
}

#[derive(Template)]
#[template(path = "accounts/forgot_password.html")]
struct ForgotPasswordPage {
    layout: Layout,
    form: ForgotPasswordForm,
    errors: FieldErrors,
}

#[derive(Template)]
#[template(path = "accounts/forgot_password_sent.html")]
struct ForgotPasswordSentPage {
    layout: Layout,
    email: String,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: ForgotPasswordForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context.show_plain(status, move |layout| ForgotPasswordPage { layout, form, errors }).await
}

pub async fn show(context: PageContext) -> Result<HttpResponse, AppError> {
    page(context, StatusCode::OK, ForgotPasswordForm::default(), FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<ForgotPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["email"]);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let (email, browser) = (form.email.clone(), browser(&request));
    if let Some(too_often) = context.app.write(move |tx| resets::request(tx, &email, &browser)).await? {
        let errors = FieldErrors::form_only(too_often_sentence(too_often));
        return Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often));
    }
    let email = form.email;
    security_event_of(&request, Event::ResetAsked, Outcome::Success, &email);
    context.show_plain(StatusCode::OK, move |layout| ForgotPasswordSentPage { layout, email }).await
}
