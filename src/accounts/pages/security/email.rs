//! `/account/security/email`: another address, and what its link leads to.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use super::PATH;
use crate::access::SignedIn;
use crate::accounts::email_changes::{self, Ask};
use crate::error::AppError;
use crate::people::address;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::form::rules::{email_address, valid_email};
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, LinkUnusable, PageContext, Section, path_text, security_event,
    too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct EmailForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    email: String,
}

#[derive(Template)]
#[template(path = "accounts/security/email.html")]
struct EmailPage {
    layout: Layout,
    current: String,
    form: EmailForm,
    errors: FieldErrors,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    signed_in: SignedIn,
    form: EmailForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let current = signed_in.person.email;
    let build =
        move |_: &mut _, layout: Layout| Ok(EmailPage { layout: layout.at(Section::Security), current, form, errors });
    context.show_as(status, build).await
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, StatusCode::OK, signed_in, EmailForm::default(), FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<EmailForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["email"]);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, signed_in, form, errors).await;
    }
    let (person, email) = (signed_in.person.clone(), form.email.clone());
    match context.app.write(move |tx| email_changes::ask(tx, &person, &email)).await? {
        Ask::Sent => {
            security_event(&request, Event::EmailChange, Outcome::Success, "asked");
            let message = format!("We sent a message to {}. Open the link in it to use that address.", form.email);
            Ok(context.lead_to_mail(PATH, FlashKind::Success, message))
        }
        Ask::Same => {
            let errors = FieldErrors::field_only("email", "This is the address of your account already.");
            page(context, StatusCode::UNPROCESSABLE_ENTITY, signed_in, form, errors).await
        }
        Ask::TooOften(too_often) => {
            security_event(&request, Event::EmailChange, Outcome::Limited, "asked");
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = page(context, StatusCode::TOO_MANY_REQUESTS, signed_in, form, errors).await?;
            Ok(with_retry_after(answer, too_often))
        }
    }
}

/// `/account/security/email/cancel`
pub async fn cancel(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let cancelled = context.app.write(move |tx| email_changes::withdraw(tx, &signed_in.person)).await?;
    let message = if cancelled {
        "Your address stays as it is. The link that we sent does not work any more."
    } else {
        "Nothing was waiting any more."
    };
    Ok(context.lead_to(PATH, FlashKind::Notice, message))
}

#[derive(Template)]
#[template(path = "accounts/security/email_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    token: String,
    old_email: String,
    new_email: String,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link does not work",
    sentence: "It was used already, it is older than 24 hours, or it belongs to another account than the one that you are signed in to. \
        Look at your account, and ask for a new link if the address is not the one that you want.",
    action_href: Cow::Borrowed(PATH),
    action_label: "Open Security",
};

/// Opening the link changes nothing: mail scanners open links.
pub async fn show_link(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let (token, now) = (path_text(&request, "token"), context.app.now());
    let (secret, user) = (Secret::presented(&token), signed_in.person.user_id);
    let found = context.app.read(move |connection| email_changes::find(connection, &user, &secret, now)).await?;
    let Some(pending) = found else { return UNUSABLE.show(&request, context).await };
    let (old_email, new_email) = (pending.old_email, pending.new_email);
    context
        .show(move |_, layout| Ok(ConfirmPage { layout: layout.at(Section::Security), token, old_email, new_email }))
        .await
}

pub async fn confirm(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let secret = Secret::presented(&path_text(&request, "token"));
    let changed = context.app.write(move |tx| address::confirm(tx, &signed_in.person, &secret)).await?;
    let Some(email) = changed else {
        security_event(&request, Event::EmailChange, Outcome::Refused, "confirmed");
        return UNUSABLE.show(&request, context).await;
    };
    security_event(&request, Event::EmailChange, Outcome::Success, "confirmed");
    let message = format!("Your e-mail address is {email} now. Sign in with it from now on.");
    Ok(context.lead_to(PATH, FlashKind::Success, message))
}
