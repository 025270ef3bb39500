//! `/sign-up`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::password;
use crate::accounts::sign_ups::{self, SignUp};
use crate::accounts::users::NewUser;
use crate::app::App;
use crate::config::{self, LegalPages};
use crate::countries::{COUNTRIES, Country};
use crate::error::AppError;
use crate::limits::{self, TooOften};
use crate::network::{network_of, wide_network_of};
use crate::passwords::HashTurn;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::form::rules::{
    checkbox, email_address, first_name, known_country, last_name, name, one_line, valid_email,
};
use crate::web::{
    FieldErrors, Form, Layout, PageContext, client_ip, security_event_of, see_other, too_often_sentence,
    with_retry_after,
};

/// Where the private cookie notes which sign-up was made with this browser.
pub const SIGN_UP_COOKIE_KEY: &str = "sign_up";

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct SignUpForm {
    #[serde(deserialize_with = "name")]
    #[validate(custom(function = "first_name"))]
    pub first_name: String,
    #[serde(deserialize_with = "name")]
    #[validate(custom(function = "last_name"))]
    pub last_name: String,
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
    pub password: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_country"))]
    pub country: String,
    #[serde(deserialize_with = "name")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub company: String,
    #[serde(deserialize_with = "checkbox")]
    pub terms: bool,
    #[serde(deserialize_with = "one_line")]
    pub form_key: String,
}

impl SignUpForm {
    /// All that is wrong with the form.
    fn problems(&self, legal: &LegalPages) -> FieldErrors {
        let mut errors = self.problems_of_invited(legal);
        if self.country.is_empty() {
            errors.add("country", "Choose your country.");
        }
        errors
    }

    /// The same rules for everybody who creates an account; who is invited says the rest later.
    pub fn problems_of_invited(&self, legal: &LegalPages) -> FieldErrors {
        const ORDER: [&str; 7] = ["first_name", "last_name", "email", "password", "country", "company", "terms"];
        let mut errors = FieldErrors::check(self, &ORDER);
        let personal = [self.first_name.as_str(), &self.last_name, &self.company, &self.email];
        if let Some(problem) = password::problem(&self.password, &personal) {
            errors.add("password", problem);
        }
        if legal.are_there() && !self.terms {
            errors.add("terms", "Accept the terms to create an account.");
        }
        errors
    }

    pub async fn into_new_user(self, app: &App, turn: HashTurn) -> Result<NewUser, AppError> {
        Ok(NewUser {
            email: self.email,
            password_hash: app.passwords.hash(turn, self.password).await?,
            first_name: self.first_name,
            last_name: self.last_name,
            company: self.company,
            country: self.country,
        })
    }
}

#[derive(Template)]
#[template(path = "accounts/sign_up.html")]
struct SignUpPage {
    layout: Layout,
    form: SignUpForm,
    errors: FieldErrors,
    countries: &'static [Country],
    legal: LegalPages,
}

#[derive(Template)]
#[template(path = "accounts/sign_up_sent.html")]
struct SignUpSentPage {
    layout: Layout,
    email: String,
    /// Whether another message can be asked for, as on an installation where everybody may sign up.
    can_send_again: bool,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: SignUpForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let legal = context.app.config.legal.clone();
    context.show_plain(status, move |layout| SignUpPage { layout, form, errors, countries: COUNTRIES, legal }).await
}

/// With `PORTICO_SIGN_UP=invited` there is no such page.
pub(super) fn check_open(app: &App) -> Result<(), AppError> {
    if app.config.sign_up == config::SignUp::Open { Ok(()) } else { Err(AppError::NotFound) }
}

pub async fn show(context: PageContext) -> Result<HttpResponse, AppError> {
    check_open(&context.app)?;
    if context.signed_in.is_some() {
        return Ok(see_other("/home"));
    }
    let form = SignUpForm { form_key: Secret::random().as_str().to_owned(), ..SignUpForm::default() };
    page(context, StatusCode::OK, form, FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<SignUpForm>,
) -> Result<HttpResponse, AppError> {
    check_open(&context.app)?;
    let Form(form) = form;
    let errors = form.problems(&context.app.config.legal);
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let email = form.email.clone();
    match begin_here(&request, &context, form.clone()).await? {
        None => sent(context, email).await,
        Some(too_often) => {
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often))
        }
    }
}

/// Mails the link that confirms the address of a form without mistakes, unless that was done too often. The browser notes that it
/// signed up.
pub async fn begin_here(
    request: &HttpRequest,
    context: &PageContext,
    form: SignUpForm,
) -> Result<Option<TooOften>, AppError> {
    let (email, ip) = (form.email.clone(), client_ip(request, &context.app.config));
    let outcome = begin(&context.app, form, &ip).await?;
    if let SignUp::TooOften(too_often) = outcome {
        return Ok(Some(too_often));
    }
    security_event_of(request, Event::SignUp, Outcome::Success, &email);
    // The same form again made no other link: the browser keeps the mark of the one that was mailed.
    if let SignUp::Sent(secret) = outcome {
        let _ = context.session.insert(SIGN_UP_COOKIE_KEY, secret.hash());
    }
    Ok(None)
}

/// Says that a link is on its way.
pub async fn sent(context: PageContext, email: String) -> Result<HttpResponse, AppError> {
    let can_send_again = context.app.config.sign_up == config::SignUp::Open;
    context.show_plain(StatusCode::OK, move |layout| SignUpSentPage { layout, email, can_send_again }).await
}

async fn begin(app: &App, form: SignUpForm, ip: &str) -> Result<SignUp, AppError> {
    let (network, email) = (network_of(ip), form.email.clone());
    let (wanted, rates, now) = (sign_ups::limits(&network, &email), app.context.limits.clone(), app.now());
    // Hashing is costly: who may not have another message waits for no turn, and takes none from others.
    let seen = app.read(move |connection| limits::look(connection, &rates, &wanted, now)).await?;
    if let Some(too_often) = seen.refusal() {
        return Ok(SignUp::TooOften(too_often));
    }
    let turn = app.passwords.turn(&wide_network_of(ip)).await?;
    let counted = app.write(move |tx| sign_ups::count(tx, &network, &email)).await?;
    if let Some(too_often) = counted.refusal() {
        return Ok(SignUp::TooOften(too_often));
    }
    let form_key = if form.form_key.is_empty() { Secret::random() } else { Secret::presented(&form.form_key) };
    let new = form.into_new_user(app, turn).await?;
    app.write(move |tx| sign_ups::begin(tx, &new, form_key.as_str())).await
}
