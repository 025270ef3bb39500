//! The currencies that something can be sold in.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types;

use crate::stored::stored_as_text;

/// By the code of ISO 4217 that is stored and shown.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    AsExpression,
    FromSqlRow,
    serde::Serialize,
    serde::Deserialize,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = sql_types::Text)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
pub enum Currency {
    Aud,
    Cad,
    Chf,
    Eur,
    Gbp,
    Jpy,
    Usd,
}

stored_as_text!(Currency);

impl Currency {
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// How many digits stand behind the point.
    pub fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Aud | Self::Cad | Self::Chf | Self::Eur | Self::Gbp | Self::Usd => 2,
        }
    }

    /// How many minor units one of it has.
    pub fn units(self) -> i64 {
        10_i64.pow(self.digits())
    }
}
