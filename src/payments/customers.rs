//! What a provider calls an Organization, so that all it pays is found under one name there.

use diesel::prelude::*;

use super::provider::ProviderKind;
use crate::access::lock_organization;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::schema::payment_customers;

#[derive(Insertable)]
#[diesel(table_name = payment_customers)]
struct Row<'a> {
    organization_id: &'a OrganizationId,
    provider: &'static str,
    customer: &'a str,
}

/// What the provider calls it, once a page was opened for it. One statement.
pub fn of(
    connection: &mut Connection,
    organization: &OrganizationId,
    provider: ProviderKind,
) -> Result<Option<String>, DbError> {
    let key: &str = provider.into();
    let row = payment_customers::table.find((organization, key)).select(payment_customers::customer);
    Ok(row.first(connection).optional()?)
}

/// Keeps what the provider has just called it, unless somebody was faster: answers what is kept.
pub fn keep_first(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    provider: ProviderKind,
    customer: &str,
) -> Result<String, DbError> {
    lock_organization(tx, organization)?;
    if let Some(known) = of(tx.connection, organization, provider)? {
        return Ok(known);
    }
    remember(tx, organization, provider, customer)?;
    Ok(customer.to_owned())
}

/// Keeps it. The Organization is locked.
pub(super) fn remember(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    provider: ProviderKind,
    customer: &str,
) -> Result<(), DbError> {
    match of(tx.connection, organization, provider)? {
        Some(known) if known == customer => return Ok(()),
        Some(_) => {
            let key: &str = provider.into();
            diesel::update(payment_customers::table.find((organization, key)))
                .set(payment_customers::customer.eq(customer))
                .execute(tx.connection)?;
        }
        None => {
            let row = Row { organization_id: organization, provider: provider.into(), customer };
            diesel::insert_into(payment_customers::table).values(row).execute(tx.connection)?;
        }
    }
    Ok(())
}
