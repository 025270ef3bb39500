//! `/organizations/{slug}/settings`: showing and editing.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::access::{Permission, Scope};
use crate::organizations::logo_address;
use crate::organizations::model::{self, Organization, SaveSettings, Settings};
use crate::organizations::view::OrganizationView;
use crate::web::choices::{Choice, INDUSTRIES, LANGUAGES, label};
use crate::web::countries::{COUNTRIES, Country};
use crate::web::form::{checkbox, given, known_country, one_line, plain_name, web_address};
use crate::web::{AppError, FieldErrors, FlashKind, Form, Layout, PageContext, Section, flash, see_other};

#[derive(Template)]
#[template(path = "organizations/settings.html")]
struct SettingsPage {
    layout: Layout,
    organization: OrganizationView,
    missing: Vec<&'static str>,
    can_edit: bool,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let row = model::load(connection, scope.organization_id())?;
            Ok(SettingsPage {
                missing: row.missing_details(),
                organization: OrganizationView::new(row, &scope, &layout),
                can_edit: scope.may(Permission::EditSettings),
                layout: layout.at(Section::Settings),
            })
        })
        .await
}

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct SettingsForm {
    pub version: i32,
    /// Shown, never changed.
    pub kind: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(
        custom(function = "given", message = "Enter the name of the Organization."),
        custom(function = "plain_name"),
        length(max = 100, message = "Use at most 100 characters.")
    )]
    pub name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "web_address"), length(max = 200, message = "Use at most 200 characters."))]
    pub website: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_industry"))]
    pub industry: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_language"))]
    pub language: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub legal_name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub address: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 20, message = "Use at most 20 characters."))]
    pub zip: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub city: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_country"))]
    pub country: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 50, message = "Use at most 50 characters."))]
    pub tax_id: String,
    #[serde(deserialize_with = "checkbox")]
    pub tax_exempt: bool,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub officer_name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub officer_position: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 50, message = "Use at most 50 characters."))]
    pub officer_phone: String,
}

fn known(choices: &[Choice], key: &str) -> Result<(), validator::ValidationError> {
    if key.is_empty() || label(choices, key).is_some() {
        return Ok(());
    }
    Err(validator::ValidationError::new("unknown").with_message("Choose one of the list.".into()))
}

fn known_industry(key: &str) -> Result<(), validator::ValidationError> {
    known(INDUSTRIES, key)
}

fn known_language(key: &str) -> Result<(), validator::ValidationError> {
    known(LANGUAGES, key)
}

const ORDER: [&str; 13] = [
    "name",
    "website",
    "industry",
    "language",
    "legal_name",
    "address",
    "zip",
    "city",
    "country",
    "tax_id",
    "officer_name",
    "officer_position",
    "officer_phone",
];

impl From<SettingsForm> for Settings {
    fn from(form: SettingsForm) -> Self {
        Self {
            name: form.name,
            website: form.website,
            industry: form.industry,
            language: form.language,
            legal_name: form.legal_name,
            address: form.address,
            zip: form.zip,
            city: form.city,
            country: form.country,
            tax_id: form.tax_id,
            tax_exempt: form.tax_exempt,
            officer_name: form.officer_name,
            officer_position: form.officer_position,
            officer_phone: form.officer_phone,
        }
    }
}

impl From<&Organization> for SettingsForm {
    fn from(row: &Organization) -> Self {
        let (kind, version, stored) = (row.kind.clone(), row.version, row.settings.clone());
        Self {
            version,
            kind,
            name: stored.name,
            website: stored.website,
            industry: stored.industry,
            language: stored.language,
            legal_name: stored.legal_name,
            address: stored.address,
            zip: stored.zip,
            city: stored.city,
            country: stored.country,
            tax_id: stored.tax_id,
            tax_exempt: stored.tax_exempt,
            officer_name: stored.officer_name,
            officer_position: stored.officer_position,
            officer_phone: stored.officer_phone,
        }
    }
}

#[derive(Template)]
#[template(path = "organizations/settings_edit.html")]
struct SettingsEditPage {
    layout: Layout,
    form: SettingsForm,
    errors: FieldErrors,
    logo: Option<String>,
    industries: &'static [Choice],
    languages: &'static [Choice],
    countries: &'static [Country],
    conflict: bool,
}

/// The form: as it was typed, or as the settings are stored.
pub(super) async fn edit_page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    typed: Option<SettingsForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let row = model::load(connection, scope.organization_id())?;
            let form = match typed {
                Some(typed) => SettingsForm { kind: row.kind.clone(), ..typed },
                None => SettingsForm::from(&row),
            };
            Ok(SettingsEditPage {
                layout: layout.at(Section::Settings),
                form,
                errors,
                logo: logo_address(&row.slug, &row.logo_hash),
                industries: INDUSTRIES,
                languages: LANGUAGES,
                countries: COUNTRIES,
                conflict: status == StatusCode::CONFLICT,
            })
        })
        .await
}

pub async fn edit(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    edit_page(context, scope, StatusCode::OK, None, FieldErrors::none()).await
}

pub async fn save(
    context: PageContext,
    session: Session,
    scope: Scope,
    form: Form<SettingsForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &ORDER);
    if !errors.is_empty() {
        return edit_page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
    }
    let outcome = {
        let (scope, settings, version) = (scope.clone(), Settings::from(form.clone()), form.version);
        context
            .app
            .write(move |tx| model::save_settings(tx, &scope, &settings, version).map_err(AppError::from))
            .await?
    };
    let kind = match outcome {
        SaveSettings::Saved => FlashKind::Success,
        SaveSettings::Unchanged => FlashKind::Notice,
        SaveSettings::Stale { version } => {
            // Saving once more is a decision now: the page has said what it would overwrite.
            let form = SettingsForm { version, ..form };
            return edit_page(context, scope, StatusCode::CONFLICT, Some(form), FieldErrors::none()).await;
        }
        SaveSettings::NeedsLegalName => {
            let errors = FieldErrors::field_only("legal_name", "Enter the legal name of the business.");
            return edit_page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
        }
        SaveSettings::NotAllowed => return Err(AppError::NotFound),
    };
    let message = if kind == FlashKind::Success { "Settings saved." } else { "Nothing was changed." };
    flash(&session, kind, message);
    Ok(see_other(&scope.path("/settings")))
}
