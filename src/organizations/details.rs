//! What an Organization must have said of itself before it can get an invoice. Which details these are is said here alone.

use crate::organizations::organization::{Kind, Organization, Settings};

/// A detail that invoices need, by the name of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Detail {
    LegalName,
    PostalAddress,
    Zip,
    City,
    Country,
    TaxId,
}

impl Detail {
    pub fn field(self) -> &'static str {
        self.into()
    }

    /// Somebody who is no business has neither a legal name nor a tax number.
    pub fn is_needed_by(self, kind: Kind) -> bool {
        kind == Kind::Business || !matches!(self, Self::LegalName | Self::TaxId)
    }

    fn is_given(self, settings: &Settings) -> bool {
        let text = match self {
            Self::LegalName => &settings.legal_name,
            Self::PostalAddress => &settings.postal_address,
            Self::Zip => &settings.zip,
            Self::City => &settings.city,
            Self::Country => &settings.country,
            Self::TaxId if settings.tax_exempt => return true,
            Self::TaxId => &settings.tax_id,
        };
        !text.is_empty()
    }

    /// Whether settings of this kind of Organization lack the detail.
    pub fn is_missing(self, kind: Kind, settings: &Settings) -> bool {
        self.is_needed_by(kind) && !self.is_given(settings)
    }
}

/// The details that an Organization still lacks, in the order of the form.
pub fn missing(organization: &Organization) -> Vec<Detail> {
    use strum::IntoEnumIterator;
    Detail::iter().filter(|detail| detail.is_missing(organization.kind, &organization.settings)).collect()
}
