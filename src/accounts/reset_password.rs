//! `/forgot-password` and `/reset-password`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::model::{self, Links};
use crate::accounts::password;
use crate::accounts::verify_email::link_unusable;
use crate::limits::{ACCOUNT_MAIL, ACCOUNT_MAIL_ADDRESS};
use crate::secrets::Secret;
use crate::web::form::{email_address, valid_email};
use crate::web::{
    AppError, FieldErrors, FlashKind, Form, Layout, PageContext, Query, client_address, flash, network_of, see_other,
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

async fn forgot_page(
    context: PageContext,
    status: StatusCode,
    form: ForgotPasswordForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context.show_as(status, move |_, layout| Ok(ForgotPasswordPage { layout, form, errors })).await
}

pub async fn show_forgot(context: PageContext) -> Result<HttpResponse, AppError> {
    forgot_page(context, StatusCode::OK, ForgotPasswordForm::default(), FieldErrors::none()).await
}

pub async fn submit_forgot(
    request: HttpRequest,
    context: PageContext,
    form: Form<ForgotPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["email"]);
    if !errors.is_empty() {
        return forgot_page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let network = network_of(&client_address(&request, &context.app.config));
    let public_url = context.app.config.public_url.clone();
    let email = form.email.clone();
    let outcome = context
        .app
        .write(move |tx| {
            if let Err(too_often) = tx.take(ACCOUNT_MAIL_ADDRESS, &network)? {
                return Ok(Err(too_often));
            }
            if let Err(too_often) = tx.take(ACCOUNT_MAIL, &email)? {
                return Ok(Err(too_often));
            }
            Ok::<_, AppError>(Ok(model::request_reset(tx, &email, &Links { public_url: &public_url })?))
        })
        .await?;
    if let Err(too_often) = outcome {
        let errors = FieldErrors::form_only(too_often.sentence());
        return Ok(too_often.mark(forgot_page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?));
    }
    let email = form.email;
    context.show(move |_, layout| Ok(ForgotPasswordSentPage { layout, email })).await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ResetPasswordForm {
    token: String,
    password: String,
}

#[derive(Template)]
#[template(path = "accounts/reset_password.html")]
struct ResetPasswordPage {
    layout: Layout,
    token: String,
    email: String,
    errors: FieldErrors,
}

async fn unusable(request: &HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    const SENTENCE: &str =
        "It was used already, it is older than an hour, or it was not copied whole. Ask for a new one.";
    let action = ("/forgot-password", "Send a new link");
    link_unusable(request, context, "This link no longer works", SENTENCE, action).await
}

async fn target(context: &PageContext, secret: &Secret) -> Result<Option<model::ResetTarget>, AppError> {
    let (secret, now) = (secret.clone(), context.app.clock.now());
    context.app.read(move |connection| model::find_reset(connection, &secret, now).map_err(AppError::from)).await
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    query: Query<ResetPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let token = query.0.token;
    let Some(target) = target(&context, &Secret::presented(&token)).await? else {
        return unusable(&request, context).await;
    };
    let (email, errors) = (target.email, FieldErrors::none());
    context.show(move |_, layout| Ok(ResetPasswordPage { layout, token, email, errors })).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<ResetPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let ResetPasswordForm { token, password } = form.0;
    let secret = Secret::presented(&token);
    let Some(target) = target(&context, &secret).await? else {
        return unusable(&request, context).await;
    };
    if let Some(problem) = password::problem(&password, &[&target.first_name, &target.last_name, &target.email]) {
        let (email, errors) = (target.email, FieldErrors::field_only("password", problem));
        return context
            .show_as(StatusCode::UNPROCESSABLE_ENTITY, move |_, layout| {
                Ok(ResetPasswordPage { layout, token, email, errors })
            })
            .await;
    }
    let app = context.app.clone();
    let hash = app.passwords.hash(password).await?;
    let address = client_address(&request, &app.config);
    let public_url = app.config.public_url.clone();
    let is_done = app
        .write(move |tx| {
            model::reset_password(tx, &secret, &hash, &address, &Links { public_url: &public_url })
                .map_err(AppError::from)
        })
        .await?;
    if !is_done {
        return unusable(&request, context).await;
    }
    flash(&context.session, FlashKind::Success, "Your new password is set. Sign in with it.");
    Ok(see_other("/sign-in"))
}
