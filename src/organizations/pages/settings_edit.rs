//! `/organizations/{slug}/settings/edit`: changing them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permission, Scope};
use crate::countries::{COUNTRIES, Country};
use crate::error::AppError;
use crate::organizations::organization::{self, Settings};
use crate::organizations::pages::settings_form::SettingsForm;
use crate::organizations::settings::{self, SaveSettings};
use crate::web::choices::{Choice, INDUSTRIES, LANGUAGES};
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
    /// What somebody else saved meanwhile.
    theirs: Option<SettingsForm>,
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
            let stored = SettingsForm::from(&row);
            let mut form = typed.unwrap_or_else(|| stored.clone());
            form.kind.clone_from(&stored.kind);
            let theirs = (status == StatusCode::CONFLICT).then_some(stored);
            if theirs.is_some() {
                // Saving once more is a decision now: the page says what it would overwrite, of this version.
                form.version = row.version;
            }
            Ok(SettingsEditPage {
                layout: layout.at(Section::Settings),
                form,
                errors,
                logo: logo_path(&row.slug, &row.logo_hash),
                industries: INDUSTRIES,
                languages: LANGUAGES,
                countries: COUNTRIES,
                theirs,
            })
        })
        .await
}

/// Why a form comes back.
pub(super) enum NotSaved {
    Wrong(FieldErrors),
    Stale,
}

impl NotSaved {
    pub(super) fn shown(self) -> (StatusCode, FieldErrors) {
        match self {
            Self::Wrong(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
            Self::Stale => (StatusCode::CONFLICT, FieldErrors::none()),
        }
    }
}

/// Saves settings and leads on.
pub(super) async fn save(
    context: &PageContext,
    scope: &Scope,
    settings: Settings,
    version: i32,
    next: &str,
) -> Result<Result<HttpResponse, NotSaved>, AppError> {
    let by = scope.clone();
    match context.app.write(move |tx| settings::save(tx, &by, &settings, version)).await? {
        SaveSettings::Saved => Ok(Ok(context.lead_to(next, FlashKind::Success, "Settings saved."))),
        SaveSettings::Unchanged => Ok(Ok(context.lead_to(next, FlashKind::Notice, "Nothing was changed."))),
        SaveSettings::Stale => Ok(Err(NotSaved::Stale)),
        SaveSettings::NeedsLegalName => {
            let errors = FieldErrors::field_only("legal_name", "Enter the legal name of the business.");
            Ok(Err(NotSaved::Wrong(errors)))
        }
        SaveSettings::NotAllowed => Err(role_lost(&context.app, scope, Permission::EditSettings).await),
    }
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    edit_page(context, scope, StatusCode::OK, None, FieldErrors::none()).await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<SettingsForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let problems = form.problems();
    let saved = if problems.is_empty() {
        save(&context, &scope, Settings::from(form.clone()), form.version, &scope.path("/settings")).await?
    } else {
        Err(NotSaved::Wrong(problems))
    };
    match saved {
        Ok(done) => Ok(done),
        Err(why) => {
            let (status, errors) = why.shown();
            edit_page(context, scope, status, Some(form), errors).await
        }
    }
}
