//! Creating an Organization.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Person, Role};
use crate::accounts::users;
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, UserId};
use crate::limits::TooOften;
use crate::organizations::organization::{Kind, Settings};
use crate::organizations::slugs;
use crate::people::members;
use crate::rates::Limit;
use crate::schema::organizations;
use crate::time::Timestamp;

/// What is needed to create an Organization.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    pub kind: Kind,
    pub name: String,
    pub legal_name: String,
    pub country: String,
    /// The key of the form: sent twice, it creates one Organization.
    pub creation_key: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Create {
    /// The Organization with this slug is there, by this form now or before.
    Created {
        slug: String,
    },
    TooOften(TooOften),
    /// An operator has suspended the creator meanwhile.
    Suspended,
}

#[derive(Insertable)]
#[diesel(table_name = organizations)]
struct Row<'a> {
    id: &'a OrganizationId,
    slug: &'a str,
    kind: Kind,
    #[diesel(embed)]
    settings: Settings,
    logo_hash: &'a str,
    version: i32,
    created_by: &'a UserId,
    creation_key: &'a str,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// Creates an Organization with its creator as Owner. The same form again answers the same slug.
pub fn create(tx: &mut WriteTx, creator: &Person, new: &NewOrganization) -> Result<Create, DbError> {
    if !users::lock_active(tx, &creator.user_id)? {
        return Ok(Create::Suspended);
    }
    slugs::lock(tx)?;
    let before: Option<String> = organizations::table
        .filter(organizations::created_by.eq(&creator.user_id))
        .filter(organizations::creation_key.eq(&new.creation_key))
        .select(organizations::slug)
        .first(tx.connection)
        .optional()?;
    if let Some(slug) = before {
        return Ok(Create::Created { slug });
    }
    if let Some(too_often) = tx.take(Limit::OrganizationsCreated, creator.user_id.as_str())?.refusal() {
        return Ok(Create::TooOften(too_often));
    }
    let (id, slug) = (OrganizationId::new(tx.now), slugs::free(tx, &new.name)?);
    insert(tx, creator, new, &id, &slug)?;
    members::join(tx, &id, &creator.user_id, Role::Owner, "")?;
    tx.record(
        By::guest(creator, Some(Role::Owner), &id),
        Change {
            action: Action::OrganizationCreated,
            subject_id: id.as_str(),
            subject_name: &new.name,
            before: Value::Null,
            after: json!({ "name": new.name, "kind": new.kind.key() }),
        },
    )?;
    Ok(Create::Created { slug })
}

fn insert(
    tx: &mut WriteTx,
    creator: &Person,
    new: &NewOrganization,
    id: &OrganizationId,
    slug: &str,
) -> Result<(), DbError> {
    let settings = Settings {
        name: new.name.clone(),
        legal_name: new.legal_name.clone(),
        country: new.country.clone(),
        managers_may_purchase: true,
        ..Settings::default()
    };
    let row = Row {
        id,
        slug,
        kind: new.kind,
        settings,
        logo_hash: "",
        version: 1,
        created_by: &creator.user_id,
        creation_key: &new.creation_key,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(organizations::table).values(row).execute(tx.connection)?;
    Ok(())
}
