//! What an Organization pays with while nobody is there, as far as a charge and a page need it.

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::OrganizationId;
use crate::payments::provider::ProviderKind;
use crate::schema::payment_methods;

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = payment_methods)]
pub struct KeptMethod {
    provider: String,
    /// What the provider calls the Organization, and the method.
    pub customer: String,
    pub method: String,
    brand: String,
    last_four: String,
}

impl KeptMethod {
    /// Whether this provider can charge it.
    pub fn is_of(&self, provider: ProviderKind) -> bool {
        self.provider == <&str>::from(provider)
    }

    /// `Visa ending in 4242`
    pub fn words(&self) -> String {
        format!("{} ending in {}", self.brand, self.last_four)
    }
}

/// What an Organization pays with by a provider.
pub fn of(
    connection: &mut Connection,
    organization: &OrganizationId,
    provider: ProviderKind,
) -> Result<Option<KeptMethod>, DbError> {
    let row = payment_methods::table
        .filter(payment_methods::organization_id.eq(organization))
        .select(KeptMethod::as_select())
        .first(connection)
        .optional()?;
    Ok(row.filter(|method: &KeptMethod| method.is_of(provider)))
}
