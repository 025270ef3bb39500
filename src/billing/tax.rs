//! Which tax a sale bears.

use serde::{Deserialize, Serialize};

use super::party::Party;
use crate::money::{Money, Rate};

/// How a sale is taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// The tax of the buyer's country.
    Charged { name: String, rate: Rate },
    /// None is added in the buyer's country.
    NotCharged,
    /// Both are businesses of the European Union, in different countries, and the buyer accounts for the tax.
    ReverseCharge,
    /// The buyer is exempt.
    Exempt,
}

impl Treatment {
    /// The treatment of a sale to a buyer in whose country this tax is added; its name is empty where none is.
    pub fn of(seller: &Party, buyer: &Party, name: &str, rate: Rate) -> Self {
        if buyer.is_exempt {
            Self::Exempt
        } else if is_reverse_charge(seller, buyer) {
            Self::ReverseCharge
        } else if name.is_empty() {
            Self::NotCharged
        } else {
            Self::Charged { name: name.to_owned(), rate }
        }
    }

    pub fn tax_on(&self, net: Money) -> Money {
        match self {
            Self::Charged { rate, .. } => net.part(*rate),
            Self::NotCharged | Self::ReverseCharge | Self::Exempt => Money { minor: 0, ..net },
        }
    }
}

fn is_reverse_charge(_seller: &Party, _buyer: &Party) -> bool {
    false
}
