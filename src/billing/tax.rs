//! Which tax a sale bears.

use serde::{Deserialize, Serialize};

use super::party::Party;
use super::vat::is_well_formed;
use crate::countries::is_in_european_union;
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

/// The buyer accounts for the tax of services between businesses in two countries of the Union. Who is in it says so with a VAT id.
fn is_reverse_charge(seller: &Party, buyer: &Party) -> bool {
    let is_in_union = |party: &Party| {
        party.is_business && is_in_european_union(&party.country) && is_well_formed(&party.vat_id, &party.country)
    };
    seller.country != buyer.country && is_in_union(seller) && is_in_union(buyer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn business(country: &str, vat_id: &str) -> Party {
        Party { country: country.to_owned(), vat_id: vat_id.to_owned(), is_business: true, ..Party::default() }
    }

    fn rate() -> Rate {
        Rate::parse("19").expect("a rate")
    }

    fn charged() -> Treatment {
        Treatment::Charged { name: "VAT".to_owned(), rate: rate() }
    }

    #[test]
    fn the_buyer_accounts_for_the_tax_between_businesses_of_the_union() {
        let german = business("DE", "DE136695976");
        let swiss = business("CH", "CHE-123.456.788 MWST");
        let french = business("FR", "FR 40 303 265 045");
        let exempt = |party: &Party| Party { is_exempt: true, ..party.clone() };
        let individual = |party: &Party| Party { is_business: false, ..party.clone() };
        for (seller, buyer, expected) in [
            (&german, &french, Treatment::ReverseCharge),
            (&french, &german, Treatment::ReverseCharge),
            (&german, &business("GR", "EL094259216"), Treatment::ReverseCharge),
            // In the same country, or outside of the Union.
            (&german, &business("DE", "DE 129 273 398"), charged()),
            (&german, &swiss, charged()),
            (&swiss, &french, charged()),
            (&german, &business("GB", "GB 980 7806 84"), charged()),
            (&german, &business("GB", "XI432525179"), charged()),
            // Without an id, with one that nobody has, with that of another country.
            (&german, &business("FR", ""), charged()),
            (&german, &business("FR", "FR 41 303 265 045"), charged()),
            (&german, &business("FR", "DE136695976"), charged()),
            (&business("DE", ""), &french, charged()),
            (&german, &individual(&french), charged()),
            (&german, &exempt(&french), Treatment::Exempt),
            (&german, &exempt(&business("DE", "")), Treatment::Exempt),
        ] {
            assert_eq!(Treatment::of(seller, buyer, "VAT", rate()), expected, "{seller:?} {buyer:?}");
        }
        assert_eq!(Treatment::of(&german, &french, "", Rate::default()), Treatment::ReverseCharge);
        assert_eq!(Treatment::of(&german, &swiss, "", Rate::default()), Treatment::NotCharged);
    }
}
