//! What a voucher is worth.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalogue::contents::{Plan, Product, Term};
use crate::catalogue::on_sale::OnSale;
use crate::credits::amount::counted;
use crate::db::DbError;

/// A licence as it was for sale when the voucher was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceWorth {
    pub product: String,
    pub plan: String,
    pub term: Term,
    pub seats: u32,
    pub includes: Vec<String>,
    pub credits: u32,
    pub support_months: u32,
}

/// Stored as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    Licence(LicenceWorth),
    Credits(u32),
}

impl Worth {
    pub(super) fn stored(&self) -> String {
        serde_json::to_string(self).expect("a worth is texts and numbers")
    }

    pub(super) fn load(stored: &str) -> Result<Self, DbError> {
        serde_json::from_str(stored).map_err(|error| DbError::Unexpected(format!("the worth of a voucher: {error}")))
    }

    pub fn as_licence(&self) -> Option<&LicenceWorth> {
        match self {
            Self::Licence(licence) => Some(licence),
            Self::Credits(_) => None,
        }
    }

    /// One licence by a plan that is for sale. `None` for a plan that is not, or that gives no licence.
    pub fn of_plan(on_sale: &OnSale, key: &str) -> Option<Self> {
        let plan = on_sale.plan(key).filter(|plan| plan.term.is_licence())?;
        on_sale.product(&plan.product).map(|product| Self::licence(product, plan))
    }

    fn licence(product: &Product, plan: &Plan) -> Self {
        Self::Licence(LicenceWorth {
            product: product.name.clone(),
            plan: plan.name.clone(),
            term: plan.term,
            seats: plan.seats,
            includes: product.all_included(),
            credits: plan.credits,
            support_months: plan.support_months,
        })
    }
}

impl fmt::Display for Worth {
    /// `Mapper, Yearly` or `500 credits`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Licence(licence) => write!(f, "{}, {}", licence.product, licence.plan),
            Self::Credits(credits) => f.write_str(&counted((*credits).into())),
        }
    }
}
