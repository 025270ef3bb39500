//! The form of an Organization's settings.

use serde::Deserialize;
use strum::IntoEnumIterator;
use validator::{Validate, ValidationError};

use crate::countries::country_name;
use crate::organizations::details::Detail;
use crate::organizations::organization::{Kind, Organization, Settings};
use crate::web::FieldErrors;
use crate::web::choices::{INDUSTRIES, LANGUAGES, label};
use crate::web::form::rules::{
    checkbox, domains, given, known_choice, known_country, name, one_line, plain_name, valid_domains, web_address,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct SettingsForm {
    pub version: i32,
    /// Shown, never changed.
    pub kind: String,
    #[serde(deserialize_with = "name")]
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
    #[serde(deserialize_with = "name")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub legal_name: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub postal_address: String,
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
    #[serde(deserialize_with = "checkbox")]
    pub managers_may_purchase: bool,
    #[serde(deserialize_with = "domains")]
    #[validate(custom(function = "valid_domains"), length(max = 1000, message = "Use at most 1,000 characters."))]
    pub invitation_domains: String,
}

fn known_industry(key: &str) -> Result<(), ValidationError> {
    known_choice(INDUSTRIES, key)
}

fn known_language(key: &str) -> Result<(), ValidationError> {
    known_choice(LANGUAGES, key)
}

/// The fields in the order of the page.
const ORDER: [&str; 14] = [
    "name",
    "website",
    "industry",
    "language",
    "legal_name",
    "postal_address",
    "zip",
    "city",
    "country",
    "tax_id",
    "officer_name",
    "officer_position",
    "officer_phone",
    "invitation_domains",
];

impl From<SettingsForm> for Settings {
    fn from(form: SettingsForm) -> Self {
        Self {
            name: form.name,
            website: form.website,
            industry: form.industry,
            language: form.language,
            legal_name: form.legal_name,
            postal_address: form.postal_address,
            zip: form.zip,
            city: form.city,
            country: form.country,
            tax_id: form.tax_id,
            tax_exempt: form.tax_exempt,
            officer_name: form.officer_name,
            officer_position: form.officer_position,
            officer_phone: form.officer_phone,
            managers_may_purchase: form.managers_may_purchase,
            invitation_domains: form.invitation_domains,
        }
    }
}

impl From<&Organization> for SettingsForm {
    fn from(row: &Organization) -> Self {
        let (kind, version, stored) = (row.kind.key().to_owned(), row.version, row.settings.clone());
        Self {
            version,
            kind,
            name: stored.name,
            website: stored.website,
            industry: stored.industry,
            language: stored.language,
            legal_name: stored.legal_name,
            postal_address: stored.postal_address,
            zip: stored.zip,
            city: stored.city,
            country: stored.country,
            tax_id: stored.tax_id,
            tax_exempt: stored.tax_exempt,
            officer_name: stored.officer_name,
            officer_position: stored.officer_position,
            officer_phone: stored.officer_phone,
            managers_may_purchase: stored.managers_may_purchase,
            invitation_domains: stored.invitation_domains,
        }
    }
}

impl SettingsForm {
    pub(super) fn industry_label(&self) -> &'static str {
        label(INDUSTRIES, &self.industry).unwrap_or_default()
    }

    pub(super) fn language_label(&self) -> &'static str {
        label(LANGUAGES, &self.language).unwrap_or_default()
    }

    pub(super) fn country_name(&self) -> &'static str {
        country_name(&self.country).unwrap_or_default()
    }

    pub(super) fn exempt_label(&self) -> &'static str {
        if self.tax_exempt { "Yes" } else { "No" }
    }

    pub(super) fn purchase_label(&self) -> &'static str {
        if self.managers_may_purchase { "Yes" } else { "No" }
    }

    /// What stands behind the label of a field that may stay empty for now.
    pub(super) fn note(&self, field: &str) -> &'static str {
        let kind = self.kind.parse().unwrap_or(Kind::Business);
        let is_needed = Detail::iter().any(|detail| detail.field() == field && detail.is_needed_by(kind));
        if is_needed { "needed for invoices" } else { "optional" }
    }

    pub(super) fn problems(&self) -> FieldErrors {
        FieldErrors::check(self, &ORDER)
    }
}
