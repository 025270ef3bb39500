//! `/reset-password`: the page behind the link that `/forgot-password` mails.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::accounts::{password, resets};
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::rates::Limit;
use crate::secrets::Secret;
use crate::security::{Event, Outcome, Who};
use crate::web::{FieldErrors, FlashKind, Form, Layout, LinkUnusable, PageContext, Query, browser, security_event_by};

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

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link no longer works",
    sentence: "It was used already, it is older than an hour, or it was not copied whole. Ask for a new one.",
    action_href: Cow::Borrowed("/forgot-password"),
    action_label: "Send a new link",
};

async fn page(
    context: PageContext,
    status: StatusCode,
    token: String,
    email: String,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context.show_as(status, move |_, layout| Ok(ResetPasswordPage { layout, token, email, errors })).await
}

async fn target(context: &PageContext, secret: &Secret) -> Result<Option<resets::Target>, AppError> {
    let (secret, now) = (secret.clone(), context.app.now());
    context.app.read(move |connection| resets::find(connection, &secret, now)).await
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    query: Query<ResetPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let token = query.0.token;
    match target(&context, &Secret::presented(&token)).await? {
        Some(target) => page(context, StatusCode::OK, token, target.email, FieldErrors::none()).await,
        None => UNUSABLE.show(&request, context).await,
    }
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<ResetPasswordForm>,
) -> Result<HttpResponse, AppError> {
    let ResetPasswordForm { token, password } = form.0;
    let secret = Secret::presented(&token);
    let Some(target) = target(&context, &secret).await? else {
        return UNUSABLE.show(&request, context).await;
    };
    if let Some(problem) = password::problem(&password, &[&target.first_name, &target.last_name, &target.email]) {
        let errors = FieldErrors::field_only("password", problem);
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, token, target.email, errors).await;
    }
    let user = target.user_id.clone();
    let (browser, counted) = (browser(&request), secret.hash());
    context.app.write(move |tx| tx.take(Limit::LinkPasswords, &counted)).await?.or_refuse()?;
    let turn = context.app.passwords.turn(&wide_network_of(&browser.ip)).await?;
    let hash = context.app.passwords.hash(turn, password).await?;
    if !context.app.write(move |tx| resets::finish(tx, &secret, &hash, &browser)).await? {
        return UNUSABLE.show(&request, context).await;
    }
    security_event_by(&request, Event::PasswordReset, Outcome::Success, Who::User(&user), "");
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("email", &target.email).finish();
    let message = "Your new password is set. Sign in with it.";
    Ok(context.lead_to(&format!("/sign-in?{query}"), FlashKind::Success, message))
}
