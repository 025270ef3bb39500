//! The rows of the ledger.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::{CreditEntryId, OrganizationId};
use crate::schema::credit_entries;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// What a row does, by the key that is stored and that addresses carry.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Grant,
    Spend,
    /// Of a spend, which gives credits back, or of a grant, which takes them.
    Reversal,
    Expiry,
}

stored_as_text!(Kind);

impl Kind {
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// Where granted credits come from.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    /// Staff gave them.
    Operator,
    Voucher,
    /// They were paid for.
    Purchase,
    /// They belong to a plan, each term anew.
    Plan,
}

stored_as_text!(Source);

impl Source {
    /// What was paid for is spent after what was not.
    pub fn is_purchased(self) -> bool {
        self == Self::Purchase
    }
}

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_entries, treat_none_as_default_value = false)]
pub struct Entry {
    pub id: CreditEntryId,
    pub organization_id: OrganizationId,
    /// Its place in the ledger of the Organization, from 1 on.
    pub number: i64,
    pub at: Timestamp,
    pub kind: Kind,
    /// Of a grant alone.
    pub source: Option<Source>,
    /// How many credits came, or went where it is less than nothing. Never nothing.
    pub amount: i64,
    pub balance_after: i64,
    /// What it is known by: one of each in an Organization.
    pub reference: String,
    /// Who, or which product.
    pub actor_name: String,
    /// What for, in a few words, if somebody said so.
    pub note: String,
}

/// The row of an Organization with this reference.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    reference: &str,
) -> Result<Option<Entry>, DbError> {
    let row = credit_entries::table
        .filter(credit_entries::organization_id.eq(organization))
        .filter(credit_entries::reference.eq(reference))
        .select(Entry::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}
