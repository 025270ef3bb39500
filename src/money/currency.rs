//! The currencies that something can be sold in.

/// By the code of ISO 4217 that is stored and shown.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
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
