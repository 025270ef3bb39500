//! `/sign-up`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::accounts::model::{self, Links, NewUser};
use crate::accounts::password;
use crate::app::App;
use crate::config::SignUp;
use crate::limits::{ACCOUNT_MAIL, ACCOUNT_MAIL_ADDRESS};
use crate::secrets::Secret;
use crate::web::countries::{COUNTRIES, Country};
use crate::web::form::{checkbox, email_address, given, known_country, one_line, plain_name, valid_email};
use crate::web::{AppError, FieldErrors, Form, Layout, PageContext, client_address, network_of, see_other};

/// Where the private cookie notes which sign-up was made with this browser.
pub const SIGN_UP_COOKIE_KEY: &str = "sign_up";

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct SignUpForm {
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "given", message = "Enter your first name."),
        custom(function = "plain_name"),
        length(max = 100, message = "Use at most 100 characters.")
    )]
    pub first_name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "given", message = "Enter your last name."),
        custom(function = "plain_name"),
        length(max = 100, message = "Use at most 100 characters.")
    )]
    pub last_name: String,
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
    pub password: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "given", message = "Choose your country."), custom(function = "known_country"))]
    pub country: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub company: String,
    #[serde(deserialize_with = "checkbox")]
    pub terms: bool,
    #[serde(deserialize_with = "one_line")]
    pub form_key: String,
}

impl SignUpForm {
    /// All that is wrong with the form. The same rules hold for everybody who creates an account.
    pub fn problems(&self) -> FieldErrors {
        const ORDER: [&str; 7] = ["first_name", "last_name", "email", "password", "country", "company", "terms"];
        let mut errors = FieldErrors::check(self, &ORDER);
        let personal = [self.first_name.as_str(), &self.last_name, &self.company, &self.email];
        if let Some(problem) = password::problem(&self.password, &personal) {
            errors.add("password", problem);
        }
        if !self.terms {
            errors.add("terms", "Accept the terms to create an account.");
        }
        errors
    }

    pub async fn into_new_user(self, app: &App) -> Result<NewUser, AppError> {
        Ok(NewUser {
            email: self.email,
            password_hash: app.passwords.hash(self.password).await?,
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
}

#[derive(Template)]
#[template(path = "accounts/sign_up_sent.html")]
struct SignUpSentPage {
    layout: Layout,
    email: String,
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: SignUpForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context.show_as(status, move |_, layout| Ok(SignUpPage { layout, form, errors, countries: COUNTRIES })).await
}

/// With `PORTICO_SIGN_UP=invited` there is no such page.
fn check_open(app: &App) -> Result<(), AppError> {
    if app.config.sign_up == SignUp::Open { Ok(()) } else { Err(AppError::NotFound) }
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
    let errors = form.problems();
    if !errors.is_empty() {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let app = context.app.clone();
    let network = network_of(&client_address(&request, &app.config));
    let (email, form_key) = (form.email.clone(), form.form_key.clone());
    let form_key = if form_key.is_empty() { Secret::random().as_str().to_owned() } else { form_key };
    let typed = form.clone();
    let new = form.into_new_user(&app).await?;
    let public_url = app.config.public_url.clone();
    let outcome = app
        .write(move |tx| {
            // A refusal is committed as an answer, so that what was counted stays counted.
            if let Err(too_often) = tx.take(ACCOUNT_MAIL_ADDRESS, &network)? {
                return Ok(Err(too_often));
            }
            if let Err(too_often) = tx.take(ACCOUNT_MAIL, &new.email)? {
                return Ok(Err(too_often));
            }
            Ok::<_, AppError>(Ok(model::sign_up(tx, &new, &form_key, &Links { public_url: &public_url })?))
        })
        .await?;
    let secret = match outcome {
        Ok(secret) => secret,
        Err(too_often) => {
            let errors = FieldErrors::form_only(too_often.sentence());
            return Ok(too_often.mark(page(context, StatusCode::TOO_MANY_REQUESTS, typed, errors).await?));
        }
    };
    // The same form again made no other link: the browser keeps the mark of the one that was mailed.
    if let Some(secret) = secret {
        let _ = context.session.insert(SIGN_UP_COOKIE_KEY, secret.hash());
    }
    context.show(move |_, layout| Ok(SignUpSentPage { layout, email })).await
}
