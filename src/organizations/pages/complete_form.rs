//! The form for the details that invoices need: it asks only for what is missing.

use serde::Deserialize;
use strum::IntoEnumIterator;

use crate::accounts::users::Company;
use crate::names::visible;
use crate::organizations::details::Detail;
use crate::organizations::organization::{Organization, Settings};
use crate::organizations::pages::settings_form::SettingsForm;
use crate::web::FieldErrors;
use crate::web::form::rules::{checkbox, one_line, single_line};

/// Only what was asked for is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CompleteForm {
    pub version: i32,
    legal_name: Option<String>,
    postal_address: Option<String>,
    zip: Option<String>,
    city: Option<String>,
    country: Option<String>,
    tax_id: Option<String>,
    #[serde(deserialize_with = "checkbox")]
    tax_exempt: bool,
    /// Where to go once they are complete.
    #[serde(deserialize_with = "one_line")]
    pub(super) next: String,
}

impl CompleteForm {
    /// The form that asks for what is missing, with what its reader said of themselves when they signed up.
    pub(super) fn asking(missing: &[Detail], version: i32, known: Company) -> Self {
        let mut form = Self { version, ..Self::default() };
        for detail in missing {
            *form.answer(*detail) = Some(match detail {
                Detail::LegalName => known.name.clone(),
                Detail::Country => known.country.clone(),
                _ => String::new(),
            });
        }
        form
    }

    fn answer(&mut self, detail: Detail) -> &mut Option<String> {
        match detail {
            Detail::LegalName => &mut self.legal_name,
            Detail::PostalAddress => &mut self.postal_address,
            Detail::Zip => &mut self.zip,
            Detail::City => &mut self.city,
            Detail::Country => &mut self.country,
            Detail::TaxId => &mut self.tax_id,
        }
    }

    /// What the form asks for, in its order: what it sent, and whatever else is missing.
    pub(super) fn asked(&self, stored: &Organization) -> Vec<Detail> {
        let mut form = self.clone();
        let mut is_sent = |detail: &Detail| form.answer(*detail).is_some();
        Detail::iter().filter(|detail| is_sent(detail) || detail.is_missing(stored.kind, &stored.settings)).collect()
    }

    /// All settings, with what this form says in its place: the same rules hold for both forms.
    pub(super) fn over(self, stored: &Organization) -> SettingsForm {
        let mut form = SettingsForm { version: self.version, ..SettingsForm::from(stored) };
        if self.tax_id.is_some() {
            form.tax_exempt = self.tax_exempt;
        }
        let put = |field: &mut String, answer: Option<String>, tidied: fn(&str) -> String| {
            if let Some(answer) = answer {
                *field = tidied(&answer);
            }
        };
        put(&mut form.legal_name, self.legal_name, visible);
        put(&mut form.postal_address, self.postal_address, single_line);
        put(&mut form.zip, self.zip, single_line);
        put(&mut form.city, self.city, single_line);
        put(&mut form.country, self.country, single_line);
        put(&mut form.tax_id, self.tax_id, single_line);
        form
    }
}

/// What is wrong with what was asked for: a rule of the settings is broken, or it is still missing.
pub(super) fn problems(form: &SettingsForm, asked: &[Detail], stored: &Organization) -> FieldErrors {
    let mut errors = form.problems();
    let settings = Settings::from(form.clone());
    for detail in asked.iter().filter(|detail| detail.is_missing(stored.kind, &settings)) {
        errors.add(detail.field(), still_missing(*detail));
    }
    errors
}

fn still_missing(detail: Detail) -> &'static str {
    match detail {
        Detail::LegalName => "Enter the legal name of the business.",
        Detail::PostalAddress => "Enter the street and number, or the post box.",
        Detail::Zip => "Enter the ZIP or postal code.",
        Detail::City => "Enter the city.",
        Detail::Country => "Choose the country.",
        Detail::TaxId => "Enter the VAT or tax id, or tick that there is none.",
    }
}
