//! An Organization as pages show it.

use crate::access::{Permission, Scope};
use crate::countries::country_name;
use crate::names::Initials;
use crate::organizations::organization::{Kind, Organization};
use crate::time::When;
use crate::web::choices::{INDUSTRIES, LANGUAGES, label};
use crate::web::{Layout, logo_path};

/// What a person of the Organization may see of it. Tax data is left out for those who may not.
pub struct OrganizationView {
    pub name: String,
    pub slug: String,
    pub kind: Kind,
    pub initials: Initials,
    pub logo: Option<String>,
    pub website: Option<String>,
    pub industry: Option<&'static str>,
    pub language: Option<&'static str>,
    pub created: When,
    pub legal_name: Option<String>,
    pub postal_address: Option<String>,
    pub zip: Option<String>,
    pub city: Option<String>,
    pub country: Option<&'static str>,
    pub tax_id: Option<String>,
    pub tax_exempt: bool,
    pub officer_name: Option<String>,
    pub officer_position: Option<String>,
    pub officer_phone: Option<String>,
    pub managers_may_purchase: bool,
    /// Whose addresses can be invited; none where any can.
    pub invitation_domains: Option<String>,
}

impl OrganizationView {
    pub fn new(row: Organization, scope: &Scope, layout: &Layout) -> Self {
        let can_view_legal = scope.may(Permission::ViewSettings);
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        let settings = row.settings;
        Self {
            kind: row.kind,
            initials: Initials::of(&settings.name),
            logo: logo_path(&row.slug, &row.logo_hash),
            industry: label(INDUSTRIES, &settings.industry),
            language: label(LANGUAGES, &settings.language),
            created: layout.when(row.created_at),
            country: country_name(&settings.country),
            tax_exempt: settings.tax_exempt && can_view_legal,
            tax_id: given(settings.tax_id).filter(|_| can_view_legal),
            name: settings.name,
            slug: row.slug,
            website: given(settings.website),
            legal_name: given(settings.legal_name),
            postal_address: given(settings.postal_address),
            zip: given(settings.zip),
            city: given(settings.city),
            officer_name: given(settings.officer_name),
            officer_position: given(settings.officer_position),
            officer_phone: given(settings.officer_phone),
            managers_may_purchase: settings.managers_may_purchase,
            invitation_domains: given(settings.invitation_domains.replace(' ', ", ")),
        }
    }

    /// Whether more of the address is known than the country.
    pub fn has_address(&self) -> bool {
        self.postal_address.is_some() || self.zip.is_some() || self.city.is_some()
    }

    /// Whether there is something to say about taxes.
    pub fn has_tax(&self) -> bool {
        self.tax_exempt || self.tax_id.is_some()
    }
}
