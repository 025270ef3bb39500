//! Which kinds of mails: the form that several pages have, and the words.

use serde::Deserialize;
use strum::VariantArray;
use validator::Validate;

use crate::notifications::kinds::{Kind, Kinds};
use crate::web::FieldErrors;
use crate::web::form::rules::{checkbox, email_address, valid_email};

/// What a kind is called.
pub(super) fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::Expiring => "Expiring licences",
        Kind::Expired => "Expired licences",
        Kind::LowCredits => "Low credit balance",
        Kind::Payments => "Payment problems",
    }
}

/// The same for all that somebody gets, in a line.
pub(super) fn labels(kinds: Kinds) -> String {
    let labels: Vec<&str> = Kind::VARIANTS.iter().filter(|kind| kinds.has(**kind)).map(|kind| label(*kind)).collect();
    match labels.len() {
        0 => "Nothing".to_owned(),
        all if all == Kind::VARIANTS.len() => "Everything".to_owned(),
        _ => labels.join(", "),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct KindsForm {
    /// `yes`: nothing but this tells a form in which no box is ticked from no form at all.
    pub sent: String,
    #[serde(deserialize_with = "checkbox")]
    pub expiring: bool,
    #[serde(deserialize_with = "checkbox")]
    pub expired: bool,
    #[serde(deserialize_with = "checkbox")]
    pub low_credits: bool,
    #[serde(deserialize_with = "checkbox")]
    pub payments: bool,
}

impl KindsForm {
    pub fn kinds(&self) -> Kinds {
        let Self { expiring, expired, low_credits, payments, .. } = *self;
        Kinds { expiring, expired, low_credits, payments }
    }
}

impl From<Kinds> for KindsForm {
    fn from(Kinds { expiring, expired, low_credits, payments }: Kinds) -> Self {
        Self { sent: String::new(), expiring, expired, low_credits, payments }
    }
}

/// What is wrong where no box is ticked.
pub(super) fn none_chosen() -> FieldErrors {
    FieldErrors::field_only("expiring", "Choose at least one kind.")
}

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct AddForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    pub email: String,
    #[serde(deserialize_with = "checkbox")]
    pub expiring: bool,
    #[serde(deserialize_with = "checkbox")]
    pub expired: bool,
    #[serde(deserialize_with = "checkbox")]
    pub low_credits: bool,
    #[serde(deserialize_with = "checkbox")]
    pub payments: bool,
}

impl AddForm {
    pub fn all() -> Self {
        Self { email: String::new(), expiring: true, expired: true, low_credits: true, payments: true }
    }

    pub fn kinds(&self) -> Kinds {
        let Self { expiring, expired, low_credits, payments, .. } = *self;
        Kinds { expiring, expired, low_credits, payments }
    }

    pub fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::check(self, &["email", "expiring"]);
        if self.kinds().is_none() {
            errors.add("expiring", "Choose at least one kind.");
        }
        errors
    }
}
