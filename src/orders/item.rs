//! What an order is for, as it was for sale when the order was placed.

use std::fmt;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use serde::{Deserialize, Serialize};

use crate::access::Permission;
use crate::catalogue::contents::{CreditPackage, Plan, Product, Term};
use crate::credits::amount::counted;
use crate::ids::LicenceId;
use crate::orders::change_item::{Change, ChangeItem};
use crate::stored::stored_as_text;

/// Licences by a plan: one licence, with the seats and credits of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceItem {
    pub product_key: String,
    pub product: String,
    pub plan_key: String,
    pub plan: String,
    pub term: Term,
    pub includes: Vec<String>,
    /// Of one.
    pub seats: u32,
    pub credits: u32,
    pub support_months: u32,
    /// Of one for a term, without tax, in the currency of the bill.
    pub unit_price: i64,
    pub quantity: u32,
}

impl LicenceItem {
    pub(super) fn new(product: &Product, plan: &Plan, unit_price: i64, quantity: u32) -> Self {
        Self {
            product_key: product.key.clone(),
            product: product.name.clone(),
            plan_key: plan.key.clone(),
            plan: plan.name.clone(),
            term: plan.term,
            includes: product.all_included(),
            seats: plan.seats,
            credits: plan.credits,
            support_months: plan.support_months,
            unit_price,
            quantity,
        }
    }
}

/// A package of credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditsItem {
    pub package_key: String,
    pub credits: u32,
}

impl CreditsItem {
    pub(super) fn new(package: &CreditPackage) -> Self {
        Self { package_key: package.key.clone(), credits: package.credits }
    }
}

/// Another term of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewalItem {
    pub licence: String,
    pub product: String,
    pub plan: String,
    pub quantity: u32,
}

/// What is bought: a closed list, so that whoever fulfils, refunds or shows an order decides for each kind. Stored as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumDiscriminants)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[strum_discriminants(
    name(Kind),
    doc = "What kind of thing is bought, by the key that is stored and that addresses carry.",
    derive(AsExpression, FromSqlRow, strum::AsRefStr, strum::EnumString, strum::VariantArray),
    diesel(sql_type = diesel::sql_types::Text),
    strum(serialize_all = "snake_case")
)]
pub enum Item {
    Licence(LicenceItem),
    Credits(CreditsItem),
    /// A package that the portal bought by itself.
    TopUp(CreditsItem),
    Renewal(RenewalItem),
    /// A change of a licence.
    Change(ChangeItem),
}

stored_as_text!(Kind);

impl Item {
    /// As it is stored. Without looking for its kind in it, which is known: that would read it twice, and lists read many.
    pub(super) fn load(kind: Kind, stored: &str) -> serde_json::Result<Self> {
        Ok(match kind {
            Kind::Licence => Self::Licence(serde_json::from_str(stored)?),
            Kind::Credits => Self::Credits(serde_json::from_str(stored)?),
            Kind::TopUp => Self::TopUp(serde_json::from_str(stored)?),
            Kind::Renewal => Self::Renewal(serde_json::from_str(stored)?),
            Kind::Change => Self::Change(serde_json::from_str(stored)?),
        })
    }

    pub fn kind(&self) -> Kind {
        self.into()
    }

    /// What it takes to order it, to pay it, and to give it up.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Change(ChangeItem { change: Change::Support, .. }) => Permission::PurchaseSupport,
            Self::Licence(_) | Self::Credits(_) | Self::TopUp(_) | Self::Renewal(_) | Self::Change(_) => {
                Permission::Purchase
            }
        }
    }

    /// Whether what it is paid with is kept for later: for renewals, and for topping up.
    pub fn keeps_method(&self) -> bool {
        match self {
            Self::Licence(licence) => matches!(licence.term, Term::Monthly | Term::Yearly),
            Self::Credits(_) | Self::Change(_) => true,
            Self::TopUp(_) | Self::Renewal(_) => false,
        }
    }

    /// The product that a coupon may be limited to.
    pub fn product_key(&self) -> Option<&str> {
        match self {
            Self::Licence(licence) => Some(&licence.product_key),
            Self::Credits(_) | Self::TopUp(_) | Self::Renewal(_) | Self::Change(_) => None,
        }
    }

    /// The licence that it changes.
    pub fn changes(&self) -> Option<LicenceId> {
        match self {
            Self::Change(item) => item.of.licence(),
            Self::Licence(_) | Self::Credits(_) | Self::TopUp(_) | Self::Renewal(_) => None,
        }
    }
}

impl fmt::Display for Item {
    /// `Mapper, Yearly`, `3 × Mapper, Yearly`, `500 credits`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Licence(LicenceItem { product, plan, quantity: 1, .. }) => write!(f, "{product}, {plan}"),
            Self::Licence(LicenceItem { product, plan, quantity, .. }) => write!(f, "{quantity} × {product}, {plan}"),
            Self::Credits(item) => f.write_str(&counted(item.credits.into())),
            Self::TopUp(item) => write!(f, "Auto top-up, {}", counted(item.credits.into())),
            Self::Renewal(RenewalItem { product, plan, .. }) => write!(f, "Renewal of {product}, {plan}"),
            Self::Change(item) => item.fmt(f),
        }
    }
}
