//! The form of the details: whole with its Save button, or one field that saves by itself.

use std::collections::BTreeMap;

use serde::Deserialize;
use strum::IntoEnumIterator;
use validator::{Validate, ValidationError};

use crate::countries::country_name;
use crate::profile::details::{Details, Field, Wish};
use crate::web::FieldErrors;
use crate::web::choices::{INDUSTRIES, label};
use crate::web::form::rules::{first_name, known_country, last_name, name, one_line, phone_number};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct DetailsForm {
    #[serde(deserialize_with = "name")]
    #[validate(custom(function = "first_name"))]
    pub first_name: String,
    #[serde(deserialize_with = "name")]
    #[validate(custom(function = "last_name"))]
    pub last_name: String,
    #[serde(deserialize_with = "name")]
    #[validate(length(max = 200, message = "Use at most 200 characters."))]
    pub company: String,
    #[serde(deserialize_with = "name")]
    #[validate(length(max = 100, message = "Use at most 100 characters."))]
    pub job_title: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "phone_number"), length(max = 50, message = "Use at most 50 characters."))]
    pub phone: String,
    #[serde(deserialize_with = "one_line")]
    #[validate(custom(function = "known_country"))]
    pub country: String,
    /// The one field that saves by itself. Empty where all of them are saved by the button.
    pub field: String,
    /// What the page showed in each field, and the boxes of the industries that are ticked.
    #[serde(flatten)]
    #[validate(custom(function = "known_industries"))]
    others: BTreeMap<String, String>,
}

const SEEN: &str = "seen_";
const INDUSTRY: &str = "industry_";

fn known_industries(others: &BTreeMap<String, String>) -> Result<(), ValidationError> {
    let is_known =
        others.keys().filter_map(|name| name.strip_prefix(INDUSTRY)).all(|key| label(INDUSTRIES, key).is_some());
    if is_known {
        Ok(())
    } else {
        Err(ValidationError::new("unknown").with_message("Choose industries of the list.".into()))
    }
}

/// The fields in the order of the page. Industries stand among the others of the form.
const ORDER: [&str; 7] = ["first_name", "last_name", "company", "job_title", "phone", "country", "others"];

impl DetailsForm {
    pub(super) fn problems(&self) -> FieldErrors {
        FieldErrors::check(self, &ORDER).renamed("others", Field::Industries.key())
    }

    /// The field that saves by itself, if there is one in this form. What is none of the details is an error of whoever wrote the form.
    pub(super) fn single(&self) -> Option<Option<Field>> {
        (!self.field.is_empty()).then(|| self.field.parse().ok())
    }

    /// What is to be saved: each field that the page showed and that is not as it showed it.
    pub(super) fn wishes(&self) -> Vec<Wish> {
        let wanted = self.details();
        let shown = Field::iter().filter_map(|field| Some((field, self.others.get(&seen(field))?)));
        let wishes =
            shown.map(|(field, seen)| Wish { field, seen: seen.clone(), wanted: wanted.get(field).to_owned() });
        wishes.filter(|wish| wish.seen != wish.wanted).collect()
    }

    /// The same of one field, whether it is as the page showed it or not: it may have been changed twice.
    pub(super) fn wish(&self, field: Field) -> Wish {
        let seen = self.others.get(&seen(field)).cloned().unwrap_or_default();
        Wish { field, seen, wanted: self.details().get(field).to_owned() }
    }

    pub(super) fn details(&self) -> Details {
        let ticked = INDUSTRIES.iter().filter(|choice| self.others.contains_key(&industry_box(choice.key)));
        Details {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            company: self.company.clone(),
            job_title: self.job_title.clone(),
            phone: self.phone.clone(),
            country: self.country.clone(),
            industries: ticked.map(|choice| choice.key).collect::<Vec<_>>().join(","),
        }
    }
}

fn seen(field: Field) -> String {
    format!("{SEEN}{}", field.key())
}

/// The fields that say what the page shows.
pub(super) fn seen_fields(details: &Details) -> Vec<(String, String)> {
    Field::iter().map(|field| (seen(field), details.get(field).to_owned())).collect()
}

/// What the box of an industry is called.
pub(super) fn industry_box(key: &str) -> String {
    format!("{INDUSTRY}{key}")
}

/// A value as people read it.
pub(super) fn shown(field: Field, value: &str) -> String {
    let shown = match field {
        Field::Country => country_name(value).unwrap_or(value).to_owned(),
        Field::Industries => {
            let labels = value.split(',').filter_map(|key| label(INDUSTRIES, key));
            labels.collect::<Vec<_>>().join(", ")
        }
        _ => value.to_owned(),
    };
    if shown.is_empty() { "nothing".to_owned() } else { format!("“{shown}”") }
}
