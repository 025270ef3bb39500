//! Who sells and who buys, as documents name them.

use serde::{Deserialize, Serialize};

/// A seller or a buyer, as they were when the document was made. Stored as a JSON object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The legal name of a business, the name of an individual.
    pub name: String,
    pub postal_address: String,
    pub zip: String,
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Empty where there is none.
    pub vat_id: String,
    pub is_business: bool,
    /// Whether no tax is charged, since they are exempt.
    pub is_exempt: bool,
}
