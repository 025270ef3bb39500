//! The logo of an Organization, as it is stored.

use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::schema::{organization_logos, organizations};

#[derive(Insertable)]
#[diesel(table_name = organization_logos)]
struct Row<'a> {
    organization_id: &'a OrganizationId,
    content: &'a [u8],
}

/// Stores a logo, or removes it. False when the actor lost the role meanwhile.
pub fn set(tx: &mut WriteTx, scope: &Scope, png: Option<&[u8]>) -> Result<bool, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else {
        return Ok(false);
    };
    let id = scope.organization_id();
    let before: String =
        organizations::table.filter(organizations::id.eq(id)).select(organizations::logo_hash).first(tx.connection)?;
    let hash = png
        .map_or_else(String::new, |png| Sha256::digest(png).iter().take(8).map(|byte| format!("{byte:02x}")).collect());
    if before == hash {
        return Ok(true);
    }
    diesel::delete(organization_logos::table.filter(organization_logos::organization_id.eq(id)))
        .execute(tx.connection)?;
    let action = if png.is_some() { Action::LogoChanged } else { Action::LogoRemoved };
    if let Some(content) = png {
        let row = Row { organization_id: id, content };
        diesel::insert_into(organization_logos::table).values(row).execute(tx.connection)?;
    }
    diesel::update(organizations::table.filter(organizations::id.eq(id)))
        .set((organizations::logo_hash.eq(&hash), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let picture = |hash: &str| {
        if hash.is_empty() { Value::Null } else { json!({ "logo": hash }) }
    };
    tx.record(
        By::member(&scope),
        Change {
            action,
            subject_id: id.as_str(),
            subject_name: &scope.membership.name,
            before: picture(&before),
            after: picture(&hash),
        },
    )?;
    Ok(true)
}

/// The hash of the logo and the logo as PNG, if there is one.
pub fn content(
    connection: &mut Connection,
    organization: &OrganizationId,
) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let logo = organization_logos::table
        .inner_join(organizations::table.on(organizations::id.eq(organization_logos::organization_id)))
        .filter(organization_logos::organization_id.eq(organization));
    Ok(logo.select((organizations::logo_hash, organization_logos::content)).first(connection).optional()?)
}
