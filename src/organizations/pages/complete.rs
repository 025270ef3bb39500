//! `/organizations/{slug}/settings/complete`: what invoices need and nobody has said yet.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::Scope;
use crate::accounts::users;
use crate::countries::{COUNTRIES, Country};
use crate::error::AppError;
use crate::organizations::details::{self, Detail};
use crate::organizations::organization::{self, Settings};
use crate::organizations::pages::complete_form::{CompleteForm, problems};
use crate::organizations::pages::settings_edit::{NotSaved, save};
use crate::organizations::pages::settings_form::SettingsForm;
use crate::web::{FieldErrors, Form, Layout, Next, PageContext, Query, Section, own_path};

#[derive(Template)]
#[template(path = "organizations/complete.html")]
struct CompletePage {
    layout: Layout,
    form: SettingsForm,
    asked: Vec<Detail>,
    errors: FieldErrors,
    countries: &'static [Country],
    /// What somebody else saved meanwhile.
    theirs: Option<SettingsForm>,
    /// Where it was asked for.
    next: String,
}

impl CompletePage {
    fn asks(&self, field: &str) -> bool {
        self.asked.iter().any(|detail| detail.field() == field)
    }

    /// Where somebody goes who completes nothing.
    fn back(&self, slug: &str) -> String {
        own_path(&self.next).map_or_else(|| format!("/organizations/{slug}"), str::to_owned)
    }
}

pub async fn show(context: PageContext, scope: Scope, query: Query<Next>) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let row = organization::load(connection, scope.organization_id())?;
            let missing = details::missing(&row);
            let known = users::company(connection, &scope.person().user_id)?;
            let form = CompleteForm::asking(&missing, row.version, known);
            Ok(CompletePage {
                layout: layout.at(Section::Settings),
                form: form.over(&row),
                asked: missing,
                errors: FieldErrors::none(),
                countries: COUNTRIES,
                theirs: None,
                next: query.0.next,
            })
        })
        .await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<CompleteForm>) -> Result<HttpResponse, AppError> {
    let Form(typed) = form;
    let id = scope.organization_id().clone();
    let row = context.app.read(move |connection| organization::load(connection, &id)).await?;
    let form = typed.clone().over(&row);
    let errors = problems(&form, &typed.asked(&row), &row);
    if !errors.is_empty() {
        return again(context, scope, typed, NotSaved::Wrong(errors)).await;
    }
    let next = own_path(&typed.next).map_or_else(|| scope.path("/settings"), str::to_owned);
    match save(&context, &scope, Settings::from(form), typed.version, &next).await? {
        Ok(done) => Ok(done),
        Err(why) => again(context, scope, typed, why).await,
    }
}

/// The form as it was typed, over what is stored now.
async fn again(
    context: PageContext,
    scope: Scope,
    typed: CompleteForm,
    why: NotSaved,
) -> Result<HttpResponse, AppError> {
    let (status, errors) = why.shown();
    context
        .show_as(status, move |connection, layout| {
            let row = organization::load(connection, scope.organization_id())?;
            let (asked, next) = (typed.asked(&row), typed.next.clone());
            let theirs = (status == StatusCode::CONFLICT).then(|| SettingsForm::from(&row));
            let mut form = typed.over(&row);
            if theirs.is_some() {
                form.version = row.version;
            }
            let layout = layout.at(Section::Settings);
            Ok(CompletePage { layout, form, asked, errors, countries: COUNTRIES, theirs, next })
        })
        .await
}
