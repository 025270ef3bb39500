//! What the catalogue holds. Each is stored as the JSON object that it is here; amounts are in minor units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::billing::party::Party;
use crate::money::{Currency, Money, Rate};

/// An amount in each of several currencies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices(pub BTreeMap<Currency, i64>);

impl Prices {
    pub fn of(&self, currency: Currency) -> Option<Money> {
        self.0.get(&currency).map(|minor| Money { minor: *minor, currency })
    }
}

/// Who sells, as invoices name them, and what the numbers of their documents begin with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seller {
    pub legal_name: String,
    pub postal_address: String,
    pub zip: String,
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    pub vat_id: String,
    pub order_prefix: String,
    pub invoice_prefix: String,
    pub credit_note_prefix: String,
}

impl Seller {
    /// As documents name them.
    pub fn party(&self) -> Party {
        Party {
            name: self.legal_name.clone(),
            postal_address: self.postal_address.clone(),
            zip: self.zip.clone(),
            city: self.city.clone(),
            country: self.country.clone(),
            vat_id: self.vat_id.clone(),
            is_business: true,
            is_exempt: false,
        }
    }
}

/// In which currency customers of a country pay, and which tax is added.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Country {
    /// ISO 3166-1 alpha-2, or [`Country::ELSEWHERE`].
    #[serde(skip)]
    pub key: String,
    pub currency: Currency,
    /// What the tax is called there. Empty where none is added.
    pub tax: String,
    pub tax_rate: Rate,
}

impl Country {
    /// The key of what holds for every country that has no entry of its own.
    pub const ELSEWHERE: &'static str = "elsewhere";
}

/// What a product runs on.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProductKind {
    Desktop,
    Cloud,
    Mobile,
}

impl ProductKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Desktop => "Desktop",
            Self::Cloud => "Cloud",
            Self::Mobile => "Mobile",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Product {
    #[serde(skip)]
    pub key: String,
    pub name: String,
    pub kind: ProductKind,
    /// A sentence.
    pub summary: String,
    /// What it includes, a line each.
    pub includes: Vec<String>,
    /// Cloud storage that comes with it, in GB.
    pub storage_gb: u32,
}

impl Product {
    /// What it includes, its storage as the last line.
    pub fn all_included(&self) -> Vec<String> {
        let storage = (self.storage_gb > 0).then(|| format!("{} GB of storage in the cloud", self.storage_gb));
        self.includes.iter().cloned().chain(storage).collect()
    }
}

/// For how long a plan is bought, by the key that is stored.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Term {
    /// Renewed every month.
    Monthly,
    /// Renewed every year.
    Yearly,
    /// Paid once.
    Perpetual,
    /// 15 days, for nothing. It ends by itself and never turns into a charge.
    Trial,
    /// Not a licence: one more year of Support & Upgrade for a perpetual one.
    SupportAndUpgrade,
}

impl Term {
    /// Whether who buys it gets a licence.
    pub fn is_licence(self) -> bool {
        self != Self::SupportAndUpgrade
    }

    /// What stands behind a price.
    pub fn per(self) -> &'static str {
        match self {
            Self::Monthly => "a month",
            Self::Yearly | Self::SupportAndUpgrade => "a year",
            Self::Perpetual | Self::Trial => "once",
        }
    }

    /// What stands behind what comes with it.
    pub fn each(self) -> &'static str {
        match self {
            Self::Monthly => "each month",
            Self::Yearly | Self::SupportAndUpgrade => "each year",
            Self::Perpetual | Self::Trial => "once",
        }
    }

    /// For how long it is.
    pub fn about(self) -> &'static str {
        match self {
            Self::Monthly => "One month",
            Self::Yearly => "One year",
            Self::Perpetual => "Without an end",
            Self::Trial => "15 days; it ends by itself and costs nothing",
            Self::SupportAndUpgrade => "Another year of new versions and support for a perpetual licence",
        }
    }
}

/// A way to have a product.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    #[serde(skip)]
    pub key: String,
    /// The key of the product.
    pub product: String,
    pub name: String,
    pub term: Term,
    /// How many come with it. 0 where the product has none: cloud products.
    pub seats: u32,
    /// How many come with each term.
    pub credits: u32,
    /// For how many months Support & Upgrade comes with it.
    pub support_months: u32,
    /// For one term, without tax. None for a trial.
    pub price: Prices,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CreditPackage {
    #[serde(skip)]
    pub key: String,
    pub credits: u32,
    /// Without tax.
    pub price: Prices,
}

/// Less to pay at the checkout, for who knows the code, which is the key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Coupon {
    /// Of the price. `None` where an amount is taken off.
    pub percent: Option<Rate>,
    pub amount: Prices,
    /// The products that it is for. Empty: for all.
    pub products: Vec<String>,
    /// What must be bought at least.
    pub minimum: Prices,
    /// How often it may be used, and by one customer. `None`: as often as they like.
    pub uses: Option<u32>,
    pub uses_per_customer: Option<u32>,
    /// The last day, `2026-12-31`.
    pub until: Option<String>,
}
