//! An Organization's own row.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::credits::ended::ended_credits;
use crate::db::{Connection, DbError, on_either};
use crate::ids::OrganizationId;
use crate::schema::{credit_wallets, organizations};
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// What an Organization is in law, by the key that is stored.
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
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Business,
    Individual,
}

stored_as_text!(Kind);

impl Kind {
    pub fn key(self) -> &'static str {
        self.into()
    }
}

impl std::fmt::Display for Kind {
    /// The variants are named as pages name them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// What an Owner can change: the settings, as stored and as a form posts them, checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, serde::Serialize)]
#[diesel(table_name = organizations)]
pub struct Settings {
    pub name: String,
    pub website: String,
    pub industry: String,
    pub language: String,
    pub legal_name: String,
    pub postal_address: String,
    pub zip: String,
    pub city: String,
    pub country: String,
    pub tax_id: String,
    pub tax_exempt: bool,
    pub officer_name: String,
    pub officer_position: String,
    pub officer_phone: String,
    /// A policy: see [`Policy`](crate::access::Policy).
    pub managers_may_purchase: bool,
    /// Domains with spaces between them: see [`AllowedDomains`](crate::people::domains::AllowedDomains).
    pub invitation_domains: String,
}

/// An Organization's own row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: String,
    pub kind: Kind,
    #[diesel(embed)]
    pub settings: Settings,
    pub logo_hash: String,
    pub version: i32,
    pub created_at: Timestamp,
}

/// The Organization of a scope.
pub fn load(connection: &mut Connection, id: &OrganizationId) -> Result<Organization, DbError> {
    let query = organizations::table.filter(organizations::id.eq(id));
    Ok(on_either!(connection, |connection| query.select(Organization::as_select()).first(connection))?)
}

/// The same, and how many credits can be spent at `now`: what its wallet says without what has ended, nothing before its first grant.
/// One statement.
pub fn load_with_balance(
    connection: &mut Connection,
    id: &OrganizationId,
    now: Timestamp,
) -> Result<(Organization, i64), DbError> {
    let query = organizations::table.left_join(credit_wallets::table).filter(organizations::id.eq(id));
    let ended = ended_credits!(id, now).single_value();
    let (row, balance, ended): (Organization, Option<i64>, Option<i64>) = on_either!(connection, |connection| {
        query.select((Organization::as_select(), credit_wallets::balance.nullable(), ended)).first(connection)
    })?;
    Ok((row, balance.unwrap_or(0) - ended.unwrap_or(0)))
}

/// The id and the name of the open Organization called `slug` in addresses, for operators, who see all.
pub fn named(connection: &mut Connection, slug: &str) -> Result<Option<(OrganizationId, String)>, DbError> {
    let query = organizations::table.filter(organizations::slug.eq(slug)).filter(organizations::closed_at.is_null());
    Ok(query.select((organizations::id, organizations::name)).first(connection).optional()?)
}
