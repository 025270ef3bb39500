//! Changes of a licence as orders keep them: what is changed, and for which state of the licence that was ordered.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::LicenceId;
use crate::licences::changes::state::State;
use crate::licences::copied_plan::CopiedPlan;
use crate::licences::licence::Licence;

/// The licence as it was when its change was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub licence: String,
    pub product: String,
    pub plan: String,
    pub made_for: State,
}

impl Changed {
    pub fn of(licence: &Licence) -> Self {
        Self {
            licence: licence.id.to_string(),
            product: licence.product.clone(),
            plan: licence.plan.clone(),
            made_for: State::of(licence),
        }
    }

    pub fn licence(&self) -> Option<LicenceId> {
        LicenceId::parse(&self.licence)
    }
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// So many more of its plan.
    Seats {
        more: u32,
    },
    Upgrade {
        to: CopiedPlan,
    },
    /// Another year of Support & Upgrade.
    Support,
    /// Another term, ordered by hand.
    Renewal,
}

/// A change of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeItem {
    pub of: Changed,
    pub change: Change,
}

impl fmt::Display for ChangeItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Changed { product, plan, .. } = &self.of;
        match &self.change {
            Change::Seats { more } => write!(f, "{more} more of {product}, {plan}"),
            Change::Upgrade { to } => write!(f, "{product}: {} instead of {plan}", to.name),
            Change::Support => write!(f, "Support & Upgrade for {product}, {plan}"),
            Change::Renewal => write!(f, "Renewal of {product}, {plan}"),
        }
    }
}
