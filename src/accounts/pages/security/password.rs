//! `/account/security/password`: a new password, with the one that the account has.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::PATH;
use crate::access::SignedIn;
use crate::accounts::pages::password_check::{PasswordCheck, check_own_password};
use crate::accounts::password;
use crate::accounts::password_change::{self, Finish};
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::security::{Event, Outcome};
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, Section, browser, remember, security_event, too_often_sentence,
    with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    current_password: String,
    password: String,
}

impl PasswordForm {
    fn problems(&self, personal: &[&str]) -> FieldErrors {
        let mut errors = FieldErrors::none();
        if self.current_password.is_empty() {
            errors.add("current_password", "Enter your current password.");
        }
        if let Some(problem) = password::problem(&self.password, personal) {
            errors.add("password", problem);
        } else if self.password == self.current_password {
            errors.add("password", "This is the password that you have. Choose another one.");
        }
        errors
    }
}

#[derive(Template)]
#[template(path = "accounts/security/password.html")]
struct PasswordPage {
    layout: Layout,
    email: String,
    errors: FieldErrors,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    signed_in: SignedIn,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let email = signed_in.person.email;
    let build =
        move |_: &mut _, layout: Layout| Ok(PasswordPage { layout: layout.at(Section::Security), email, errors });
    context.show_as(status, build).await
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, StatusCode::OK, signed_in, FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    const GONE: AppError = AppError::SignInRequired { next: None, is_undone: true };
    let Form(form) = form;
    let person = &signed_in.person;
    let errors = form.problems(&[&person.first_name, &person.last_name, &person.email]);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, signed_in, errors).await;
    }
    let browser = browser(&request);
    let known = match check_own_password(&context.app, &signed_in, form.current_password, &browser).await? {
        PasswordCheck::Right { known, .. } => known,
        PasswordCheck::Wrong => {
            security_event(&request, Event::PasswordChange, Outcome::Refused, "");
            let errors = FieldErrors::field_only("current_password", "This is not your current password.");
            return page(context, StatusCode::UNPROCESSABLE_ENTITY, signed_in, errors).await;
        }
        PasswordCheck::TooOften(too_often) => {
            security_event(&request, Event::PasswordChange, Outcome::Limited, "");
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = page(context, StatusCode::TOO_MANY_REQUESTS, signed_in, errors).await?;
            return Ok(with_retry_after(answer, too_often));
        }
    };
    let turn = context.app.passwords.turn(&wide_network_of(&browser.ip)).await?;
    let new_hash = context.app.passwords.hash(turn, form.password).await?;
    let finish =
        move |tx: &mut crate::db::WriteTx<'_>| password_change::finish(tx, &signed_in, &known, &new_hash, &browser);
    let Finish::Changed(session) = context.app.write(finish).await? else { return Err(GONE) };
    security_event(&request, Event::PasswordChange, Outcome::Success, "");
    let message = "Your password is changed, and all other browsers are signed out.";
    remember(&request, &session, context.lead_to(PATH, FlashKind::Success, message))
}
