//! Changing settings.

use diesel::prelude::*;
use serde_json::Value;

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::organizations::organization::{Kind, Settings, load};
use crate::schema::organizations;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveSettings {
    Saved,
    /// Nothing differs from what is stored.
    Unchanged,
    /// Somebody else saved since the form was opened.
    Stale,
    /// A Business has a legal name.
    NeedsLegalName,
    /// The actor lost the role meanwhile.
    NotAllowed,
}

pub fn save(tx: &mut WriteTx, scope: &Scope, settings: &Settings, version: i32) -> Result<SaveSettings, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::EditSettings)? else {
        return Ok(SaveSettings::NotAllowed);
    };
    let stored = load(tx.connection, scope.organization_id())?;
    if stored.settings == *settings {
        return Ok(SaveSettings::Unchanged);
    }
    if stored.kind == Kind::Business && settings.legal_name.is_empty() {
        return Ok(SaveSettings::NeedsLegalName);
    }
    if stored.version != version {
        return Ok(SaveSettings::Stale);
    }
    diesel::update(organizations::table.filter(organizations::id.eq(&stored.id)))
        .set((settings, organizations::version.eq(version + 1), organizations::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let (before, after) = differences(&stored.settings, settings);
    tx.record(
        By::member(&scope),
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
