//! `/account/preferences/edit`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use strum::VariantArray;

use super::preferences::PATH;
use crate::access::{Membership, SignedIn};
use crate::error::AppError;
use crate::ids::OrganizationId;
use crate::profile::preferences::{
    self, DATE_FORMAT, DEFAULT_ORGANIZATION, ORGANIZATION_NEWS, Preferences, SavePreferences, TIME_ZONE,
};
use crate::time::{DateFormat, Zone};
use crate::web::form::rules::{checkbox, one_line};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PreferencesForm {
    /// Empty for none.
    #[serde(deserialize_with = "one_line")]
    default_organization: String,
    #[serde(deserialize_with = "one_line")]
    time_zone: String,
    date_format: String,
    #[serde(deserialize_with = "checkbox")]
    organization_news: bool,
    seen_default_organization: String,
    seen_time_zone: String,
    seen_date_format: String,
    seen_organization_news: String,
}

fn organization_key(preferences: &Preferences) -> String {
    preferences.default_organization.as_ref().map(ToString::to_string).unwrap_or_default()
}

impl PreferencesForm {
    fn of(stored: &Preferences) -> Self {
        Self {
            default_organization: organization_key(stored),
            time_zone: stored.time_zone.clone(),
            date_format: stored.date_format.key().to_owned(),
            organization_news: stored.organization_news,
            ..Self::default()
        }
    }

    /// What the page showed.
    fn seen(&self) -> Preferences {
        Preferences {
            default_organization: OrganizationId::parse(&self.seen_default_organization),
            time_zone: self.seen_time_zone.clone(),
            date_format: self.seen_date_format.parse().unwrap_or_default(),
            organization_news: self.seen_organization_news == "true",
        }
    }

    /// What is to be saved, or what is wrong with it.
    fn wanted(&self) -> Result<Preferences, FieldErrors> {
        let mut errors = FieldErrors::none();
        let organization = OrganizationId::parse(&self.default_organization);
        if organization.is_none() && !self.default_organization.is_empty() {
            errors.add(DEFAULT_ORGANIZATION, NOT_THEIRS);
        }
        // What a newer version of the portal stored, and nobody touched, stays.
        let is_untouched = self.time_zone == self.seen_time_zone && !self.time_zone.is_empty();
        let zone = Zone::find(&self.time_zone).map(|zone| zone.name().to_owned());
        let zone = zone.or_else(|| is_untouched.then(|| self.time_zone.clone()));
        if zone.is_none() {
            errors.add(TIME_ZONE, no_zone(&self.time_zone));
        }
        let format = self.date_format.parse::<DateFormat>().ok();
        if format.is_none() {
            errors.add(DATE_FORMAT, "Choose one of the formats.");
        }
        match (zone, format) {
            (Some(time_zone), Some(date_format)) if errors.is_empty() => Ok(Preferences {
                default_organization: organization,
                time_zone,
                date_format,
                organization_news: self.organization_news,
            }),
            _ => Err(errors),
        }
    }
}

const NOT_THEIRS: &str = "Choose one of your Organizations.";

fn no_zone(typed: &str) -> String {
    if typed.is_empty() {
        return "Choose a time zone of the list.".to_owned();
    }
    let shown: String = typed.chars().take(60).collect();
    format!("There is no time zone “{shown}”. Choose one of the list, or enter a large city such as Zurich.")
}

/// Something that can be chosen.
struct Offer {
    key: String,
    label: String,
}

#[derive(Template)]
#[template(path = "profile/preferences_edit.html")]
struct EditPage {
    layout: Layout,
    form: PreferencesForm,
    /// What is stored: the next form says that this is what it saw.
    stored: PreferencesForm,
    organizations: Vec<Offer>,
    formats: Vec<Offer>,
    zones: Vec<&'static str>,
    errors: FieldErrors,
}

/// A day of which every format tells the month from the day.
fn formats(layout: &Layout) -> Vec<Offer> {
    let today = layout.zone().day(layout.now());
    let sample = NaiveDate::from_ymd_opt(today.year(), 12, 31).unwrap_or(today);
    let offer = |format: &DateFormat| Offer { key: format.key().to_owned(), label: format.long(sample) };
    DateFormat::VARIANTS.iter().map(offer).collect()
}

async fn page(
    context: PageContext,
    signed_in: SignedIn,
    status: StatusCode,
    typed: Option<PreferencesForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let user = &signed_in.person.user_id;
            let stored = PreferencesForm::of(&preferences::load(connection, user)?);
            let offer = |one: Membership| Offer {
                key: one.organization_id.to_string(),
                label: format!("{} ({})", one.name, one.role),
            };
            Ok(EditPage {
                organizations: preferences::offered(connection, user)?.into_iter().map(offer).collect(),
                formats: formats(&layout),
                zones: Zone::offered().collect(),
                form: typed.unwrap_or_else(|| stored.clone()),
                stored,
                errors,
                layout: layout.at(Section::Preferences),
            })
        })
        .await
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, signed_in, StatusCode::OK, None, FieldErrors::none()).await
}

pub async fn submit(
    context: PageContext,
    signed_in: SignedIn,
    form: Form<PreferencesForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let wanted = match form.wanted() {
        Ok(wanted) => wanted,
        Err(errors) => {
            return page(context, signed_in, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
        }
    };
    let (person, seen, new) = (signed_in.person.clone(), form.seen(), wanted.clone());
    let (status, errors) = match context.app.write(move |tx| preferences::save(tx, &person, &seen, &new)).await? {
        SavePreferences::Saved => return Ok(context.lead_to(PATH, FlashKind::Success, "Saved.")),
        SavePreferences::Unchanged => return Ok(context.lead_to(PATH, FlashKind::Notice, "Nothing was changed.")),
        SavePreferences::NotTheirs => {
            (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::field_only(DEFAULT_ORGANIZATION, NOT_THEIRS))
        }
        SavePreferences::Stale(fields, stored) => {
            let user = signed_in.person.user_id.clone();
            let theirs = context.app.read(move |connection| preferences::offered(connection, &user)).await?;
            let mut errors = FieldErrors::form_only("Some of it was changed elsewhere, so nothing was saved");
            for field in fields {
                let (theirs, yours) = (shown(field, &stored, &theirs), shown(field, &wanted, &theirs));
                errors.add(field, format!("This was changed elsewhere to {theirs}. Yours, {yours}, is not saved: save again to replace the other."));
            }
            (StatusCode::CONFLICT, errors)
        }
    };
    page(context, signed_in, status, Some(form), errors).await
}

/// A value as people read it.
fn shown(field: &str, preferences: &Preferences, organizations: &[Membership]) -> String {
    match field {
        DEFAULT_ORGANIZATION => {
            let chosen = preferences.default_organization.as_ref();
            let chosen = organizations.iter().find(|one| Some(&one.organization_id) == chosen);
            chosen.map_or_else(|| "none".to_owned(), |one| format!("“{}”", one.name))
        }
        DATE_FORMAT => {
            let sample = NaiveDate::from_ymd_opt(2026, 12, 31).unwrap_or_default();
            format!("“{}”", preferences.date_format.long(sample))
        }
        ORGANIZATION_NEWS => if preferences.organization_news { "“on”" } else { "“off”" }.to_owned(),
        _ => format!("“{}”", preferences.time_zone),
    }
}
