//! `/organizations/new`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::access::SignedIn;
use crate::accounts::users;
use crate::countries::{COUNTRIES, Country};
use crate::error::AppError;
use crate::organizations::create::{self, Create, NewOrganization};
use crate::organizations::organization::Kind;
use crate::secrets::Secret;
use crate::time::duration;
use crate::web::form::rules::{given, known_country, name, one_line, plain_name};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, with_retry_after};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct NewOrganizationForm {
    #[serde(deserialize_with = "one_line")]
    pub kind: String,
    #[serde(deserialize_with = "name")]
    #[validate(
        custom(function = "given", message = "Enter the name of the Organization."),
        custom(function = "plain_name"),
        length(max = 100, message = "Use at most 100 characters.")
    )]
    pub name: String,
    #[serde(deserialize_with = "name")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub legal_name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_country"))]
    pub country: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Open this page again and repeat."))]
    pub form_key: String,
}

#[derive(Template)]
#[template(path = "organizations/new.html")]
struct NewOrganizationPage {
    layout: Layout,
    form: NewOrganizationForm,
    errors: FieldErrors,
    countries: &'static [Country],
}

async fn page(
    context: PageContext,
    status: StatusCode,
    form: NewOrganizationForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |_, layout| Ok(NewOrganizationPage { layout, form, errors, countries: COUNTRIES }))
        .await
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let form = NewOrganizationForm {
                kind: Kind::Business.key().to_owned(),
                country: users::company(connection, &signed_in.person.user_id)?.country,
                form_key: Secret::random().as_str().to_owned(),
                ..NewOrganizationForm::default()
            };
            Ok(NewOrganizationPage { layout, form, errors: FieldErrors::none(), countries: COUNTRIES })
        })
        .await
}

impl NewOrganizationForm {
    /// What is to be created, or all that is wrong with the form.
    fn read(&self) -> Result<NewOrganization, FieldErrors> {
        let mut errors = FieldErrors::check(self, &["kind", "name", "legal_name", "country"]);
        let kind: Option<Kind> = self.kind.parse().ok();
        if kind.is_none() {
            errors.add("kind", "Choose Business or Individual.");
        }
        let is_business = kind == Some(Kind::Business);
        if is_business && self.legal_name.is_empty() {
            errors.add("legal_name", "Enter the legal name of the business.");
        }
        let Some(kind) = kind.filter(|_| errors.is_empty()) else { return Err(errors) };
        // With the name in it: who goes back and changes the name means another Organization.
        let form_key = if self.form_key.is_empty() { Secret::random() } else { Secret::presented(&self.form_key) };
        Ok(NewOrganization {
            kind,
            name: self.name.clone(),
            legal_name: if is_business { self.legal_name.clone() } else { String::new() },
            country: self.country.clone(),
            creation_key: Secret::presented(&format!("{}\n{}", form_key.as_str(), self.name)).hash(),
        })
    }
}

pub async fn submit(
    context: PageContext,
    signed_in: SignedIn,
    form: Form<NewOrganizationForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let new = match form.read() {
        Ok(new) => new,
        Err(errors) => return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await,
    };
    match context.app.write(move |tx| create::create(tx, &signed_in.person, &new)).await? {
        Create::Created { slug } => {
            let message = format!("{} is ready. You are its Owner.", form.name);
            Ok(context.lead_to(&format!("/organizations/{slug}"), FlashKind::Success, message))
        }
        Create::TooOften(too_often) => {
            let wait = duration(too_often.retry_after);
            let sentence = format!("You have created many Organizations today. Wait {wait} and try again.");
            let errors = FieldErrors::form_only(sentence);
            Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often))
        }
        Create::Suspended => Err(AppError::SignInRequired { next: None, is_undone: false }),
    }
}
