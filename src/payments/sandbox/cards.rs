//! The cards that the sandbox knows. The numbers are those that Stripe has for the same in its test mode.

use chrono::{Datelike, NaiveDate};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;

use crate::payments::provider::ShownMethod;
use crate::stored::stored_as_text;

/// By what becomes of payments with it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    serde::Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Card {
    /// Every payment succeeds.
    Good,
    /// No payment succeeds.
    Declined,
    /// It can be paid with and kept, and is declined once nobody is there.
    DeclinedLater,
}

stored_as_text!(Card);

impl Card {
    pub fn last_four(self) -> &'static str {
        match self {
            Self::Good => "4242",
            Self::Declined => "0002",
            Self::DeclinedLater => "0341",
        }
    }

    /// What the page of the sandbox calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Good => "A good card",
            Self::Declined => "A card that is declined",
            Self::DeclinedLater => "A card that is declined later, when it is charged while nobody is there",
        }
    }

    /// Why a payment on the page fails, if it does.
    pub(super) fn declined_on_page(self) -> Option<&'static str> {
        (self == Self::Declined).then_some("The card was declined.")
    }

    /// Why a payment fails while nobody is there, if it does.
    pub(super) fn declined_later(self) -> Option<&'static str> {
        (self != Self::Good).then_some("The card was declined.")
    }

    pub(super) fn shown(self, good_until: NaiveDate) -> ShownMethod {
        ShownMethod {
            brand: "Visa".to_owned(),
            last_four: self.last_four().to_owned(),
            expires: Some((good_until.year(), good_until.month())),
        }
    }
}
