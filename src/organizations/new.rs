//! `/organizations/new`.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::access::SignedIn;
use crate::organizations::model::{self, Kind, NewOrganization};
use crate::secrets::Secret;
use crate::web::countries::{COUNTRIES, Country};
use crate::web::form::{given, known_country, one_line, plain_name};
use crate::web::{AppError, FieldErrors, FlashKind, Form, Layout, PageContext, flash, see_other};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct NewOrganizationForm {
    #[serde(deserialize_with = "one_line")]
    pub kind: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "given", message = "Enter the name of the Organization."),
        custom(function = "plain_name"),
        length(max = 100, message = "Use at most 100 characters.")
    )]
    pub name: String,
    #[serde(deserialize_with = "one_line")]
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

pub async fn show(context: PageContext) -> Result<HttpResponse, AppError> {
    let form = NewOrganizationForm {
        kind: Kind::Business.key().to_owned(),
        form_key: Secret::random().as_str().to_owned(),
        ..NewOrganizationForm::default()
    };
    page(context, StatusCode::OK, form, FieldErrors::none()).await
}

pub async fn submit(
    context: PageContext,
    session: Session,
    signed_in: SignedIn,
    form: Form<NewOrganizationForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let mut errors = FieldErrors::check(&form, &["kind", "name", "legal_name", "country"]);
    let kind = Kind::parse(&form.kind);
    if kind.is_none() {
        errors.add("kind", "Choose Business or Individual.");
    }
    if kind == Some(Kind::Business) && form.legal_name.is_empty() {
        errors.add("legal_name", "Enter the legal name of the business.");
    }
    let Some(kind) = kind.filter(|_| errors.is_empty()) else {
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    };
    // With the name in it: who goes back and changes the name means another Organization.
    let form_key = if form.form_key.is_empty() { Secret::random() } else { Secret::presented(&form.form_key) };
    let creation_key = Secret::presented(&format!("{}\n{}", form_key.as_str(), form.name)).hash();
    let (name, country) = (form.name, form.country);
    let legal_name = if kind == Kind::Business { form.legal_name } else { String::new() };
    let new = NewOrganization { kind, name: name.clone(), legal_name, country, creation_key };
    let slug = context.app.write(move |tx| model::create(tx, &signed_in, &new).map_err(AppError::from)).await?;
    flash(&session, FlashKind::Success, format!("{name} is ready. You are its Owner."));
    Ok(see_other(&format!("/organizations/{slug}")))
}
