//! `/organizations/{slug}/settings/edit`: changing them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::organizations::organization::{self, Settings};
use crate::organizations::pages::settings_form::SettingsForm;
use crate::organizations::settings::{self, SaveSettings};
use crate::web::choices::{Choice, INDUSTRIES, LANGUAGES};
use crate::web::countries::{COUNTRIES, Country};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, logo_path, role_lost};

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
            let row = organization::load(connection, scope.organization_id())?;
            let form = match typed {
                Some(typed) => SettingsForm { kind: row.kind.key().to_owned(), ..typed },
                None => SettingsForm::from(&row),
            };
            Ok(SettingsEditPage {
                layout: layout.at(Section::Settings),
                form,
                errors,
                logo: logo_path(&row.slug, &row.logo_hash),
                industries: INDUSTRIES,
                languages: LANGUAGES,
                countries: COUNTRIES,
                conflict: status == StatusCode::CONFLICT,
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    edit_page(context, scope, StatusCode::OK, None, FieldErrors::none()).await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<SettingsForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = form.problems();
    if !errors.is_empty() {
        return edit_page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
    }
    let (by, settings, version) = (scope.clone(), Settings::from(form.clone()), form.version);
    let shown = scope.path("/settings");
    match context.app.write(move |tx| settings::save(tx, &by, &settings, version)).await? {
        SaveSettings::Saved => Ok(context.lead_to(&shown, FlashKind::Success, "Settings saved.")),
        SaveSettings::Unchanged => Ok(context.lead_to(&shown, FlashKind::Notice, "Nothing was changed.")),
        SaveSettings::Stale { version } => {
            // Saving once more is a decision now: the page has said what it would overwrite.
            let form = SettingsForm { version, ..form };
            edit_page(context, scope, StatusCode::CONFLICT, Some(form), FieldErrors::none()).await
        }
        SaveSettings::NeedsLegalName => {
            let errors = FieldErrors::field_only("legal_name", "Enter the legal name of the business.");
            edit_page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await
        }
        SaveSettings::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
