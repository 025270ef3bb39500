//! Organizations: the rows and the verbs.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::access::{Permission, Role, Scope, SignedIn};
use crate::audit::{Action, Change};
use crate::db::{Connection, DbError, Timestamp, WriteTx};
use crate::ids::OrganizationId;
use crate::names::slug;
use crate::people::model as people;
use crate::schema::{memberships, organizations};
use crate::secrets::random_bytes;

/// What an Organization is in law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Business,
    Individual,
}

impl Kind {
    pub fn key(self) -> &'static str {
        match self {
            Kind::Business => "business",
            Kind::Individual => "individual",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Kind::Business => "Business",
            Kind::Individual => "Individual",
        }
    }

    pub fn parse(key: &str) -> Option<Self> {
        [Kind::Business, Kind::Individual].into_iter().find(|kind| kind.key() == key)
    }
}

/// What an Owner can change: the settings, as stored and as a form posts them, checked.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, AsChangeset, serde::Serialize)]
#[diesel(table_name = organizations)]
pub struct Settings {
    pub name: String,
    pub website: String,
    pub industry: String,
    pub language: String,
    pub legal_name: String,
    pub address: String,
    pub zip: String,
    pub city: String,
    pub country: String,
    pub tax_id: String,
    pub tax_exempt: bool,
    pub officer_name: String,
    pub officer_position: String,
    pub officer_phone: String,
}

/// An Organization's own row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    pub id: OrganizationId,
    pub slug: String,
    pub kind: String,
    #[diesel(embed)]
    pub settings: Settings,
    pub logo_hash: String,
    pub version: i32,
    pub created_at: Timestamp,
}

impl Organization {
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Business)
    }

    /// The names of details that are required and still missing.
    pub fn missing_details(&self) -> Vec<&'static str> {
        let is_business = self.kind() == Kind::Business;
        let settings = &self.settings;
        let required = [
            ("Legal name", &settings.legal_name, is_business),
            ("Address", &settings.address, true),
            ("ZIP", &settings.zip, true),
            ("City", &settings.city, true),
            ("Country", &settings.country, true),
        ];
        let mut missing: Vec<&'static str> = required
            .iter()
            .filter(|(_, value, is_required)| *is_required && value.is_empty())
            .map(|(name, _, _)| *name)
            .collect();
        if is_business && settings.tax_id.is_empty() && !settings.tax_exempt {
            missing.push("VAT or tax id");
        }
        missing
    }
}

/// The Organization of a scope.
pub fn load(connection: &mut Connection, id: &OrganizationId) -> Result<Organization, DbError> {
    Ok(organizations::table.filter(organizations::id.eq(id)).select(Organization::as_select()).first(connection)?)
}

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

/// Creates an Organization with its creator as Owner, and answers its slug. The same form again answers the same slug.
pub fn create(tx: &mut WriteTx, creator: &SignedIn, new: &NewOrganization) -> Result<String, DbError> {
    tx.lock_name("organization slugs")?;
    let before: Option<String> = organizations::table
        .filter(organizations::created_by.eq(&creator.user_id))
        .filter(organizations::creation_key.eq(&new.creation_key))
        .select(organizations::slug)
        .first(tx.connection)
        .optional()?;
    if let Some(slug) = before {
        return Ok(slug);
    }
    let id = OrganizationId::new(tx.now);
    let slug = free_slug(tx, &new.name)?;
    diesel::insert_into(organizations::table)
        .values((
            (
                organizations::id.eq(&id),
                organizations::slug.eq(&slug),
                organizations::kind.eq(new.kind.key()),
                organizations::name.eq(&new.name),
                organizations::website.eq(""),
                organizations::industry.eq(""),
                organizations::language.eq(""),
                organizations::legal_name.eq(&new.legal_name),
                organizations::address.eq(""),
                organizations::zip.eq(""),
                organizations::city.eq(""),
                organizations::country.eq(&new.country),
            ),
            (
                organizations::tax_id.eq(""),
                organizations::tax_exempt.eq(false),
                organizations::officer_name.eq(""),
                organizations::officer_position.eq(""),
                organizations::officer_phone.eq(""),
                organizations::logo_hash.eq(""),
                organizations::version.eq(1),
                organizations::created_by.eq(&creator.user_id),
                organizations::creation_key.eq(&new.creation_key),
                organizations::created_at.eq(tx.now),
                organizations::updated_at.eq(tx.now),
            ),
        ))
        .execute(tx.connection)?;
    people::join(tx, &id, &creator.user_id, Role::Owner, "")?;
    let actor = crate::audit::Actor { role: Some(Role::Owner), ..creator.actor() };
    tx.record(
        &actor,
        Some(&id),
        Change {
            action: Action::OrganizationCreated,
            subject_id: id.as_str(),
            subject_name: &new.name,
            before: Value::Null,
            after: json!({ "name": new.name, "kind": new.kind.key() }),
        },
    )?;
    Ok(slug)
}

/// What stands behind a slug that is taken: these numbers first, then random letters.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=9;
/// How many slugs with random letters are tried: with a billion of them, one is as good as certain to be free.
const RANDOM_TRIES: usize = 4;
/// Crockford's alphabet: easy to tell apart.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Six random letters.
fn random_letters() -> String {
    random_bytes::<6>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A free slug for a name. One statement, however many Organizations have the name. The caller holds the lock on slugs.
///
/// # Errors
/// Every slug that was tried is taken, which does not happen by chance.
fn free_slug(tx: &mut WriteTx, name: &str) -> Result<String, DbError> {
    // `new` is a page of its own.
    let named = slug(name).filter(|slug| slug != "new");
    let base = named.clone().unwrap_or_else(|| "organization".to_owned());
    let numbered = named.iter().flat_map(|base| NUMBERS.map(move |number| format!("{base}-{number}")));
    let random = (0..RANDOM_TRIES).map(|_| format!("{base}-{}", random_letters()));
    let candidates: Vec<String> = named.clone().into_iter().chain(numbered).chain(random).collect();
    let taken: Vec<String> = organizations::table
        .filter(organizations::slug.eq_any(&candidates))
        .select(organizations::slug)
        .load(tx.connection)?;
    candidates
        .into_iter()
        .find(|slug| !taken.contains(slug))
        .ok_or_else(|| DbError::Unexpected(format!("no free slug like {base}")))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveSettings {
    Saved,
    /// Nothing differs from what is stored.
    Unchanged,
    /// Somebody else saved since the form was opened. The version is the one stored now.
    Stale {
        version: i32,
    },
    /// A Business has a legal name.
    NeedsLegalName,
    /// The actor lost the role meanwhile.
    NotAllowed,
}

pub fn save_settings(
    tx: &mut WriteTx,
    scope: &Scope,
    settings: &Settings,
    version: i32,
) -> Result<SaveSettings, DbError> {
    let Some(role) = scope.lock(tx)?.filter(|role| role.may(Permission::EditSettings)) else {
        return Ok(SaveSettings::NotAllowed);
    };
    let stored = load(tx.connection, scope.organization_id())?;
    if stored.settings == *settings {
        return Ok(SaveSettings::Unchanged);
    }
    if stored.kind() == Kind::Business && settings.legal_name.is_empty() {
        return Ok(SaveSettings::NeedsLegalName);
    }
    if stored.version != version {
        return Ok(SaveSettings::Stale { version: stored.version });
    }
    diesel::update(organizations::table.filter(organizations::id.eq(&stored.id)))
        .set((settings, organizations::version.eq(version + 1), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let (before, after) = differences(&stored.settings, settings);
    tx.record(
        &scope.actor(role),
        Some(&stored.id),
        Change {
            action: Action::SettingsChanged,
            subject_id: stored.id.as_str(),
            subject_name: &settings.name,
            before,
            after,
        },
    )?;
    Ok(SaveSettings::Saved)
}

/// The fields that differ, as they were and as they are.
fn differences(before: &Settings, after: &Settings) -> (Value, Value) {
    let object = |settings: &Settings| match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (mut before, mut after) = (object(before), object(after));
    let same: Vec<String> = before.keys().filter(|key| before.get(*key) == after.get(*key)).cloned().collect();
    for key in same {
        before.remove(&key);
        after.remove(&key);
    }
    (Value::Object(before), Value::Object(after))
}

/// How many Organizations a page of Home shows.
pub const HOME_PAGE: i64 = 50;

/// One of a user's Organizations.
pub struct Listed {
    pub key: OrganizationId,
    pub name: String,
    pub slug: String,
    pub kind: Kind,
    pub logo_hash: String,
    pub role: Role,
}

/// A page of a user's Organizations after `after`, and one more row if there are further ones.
pub fn of_user(
    connection: &mut Connection,
    user: &crate::ids::UserId,
    after: Option<&OrganizationId>,
) -> Result<Vec<Listed>, DbError> {
    let mut query = memberships::table
        .inner_join(organizations::table)
        .filter(memberships::user_id.eq(user))
        .order(memberships::organization_id)
        .limit(HOME_PAGE + 1)
        .select((
            organizations::id,
            organizations::name,
            organizations::slug,
            organizations::kind,
            organizations::logo_hash,
            memberships::role,
        ))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(memberships::organization_id.gt(after));
    }
    let rows: Vec<(OrganizationId, String, String, String, String, Role)> = query.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(key, name, slug, kind, logo_hash, role)| Listed {
            key,
            name,
            slug,
            kind: Kind::parse(&kind).unwrap_or(Kind::Business),
            logo_hash,
            role,
        })
        .collect())
}
