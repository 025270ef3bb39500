//! The picture of a person, as it is stored.

use diesel::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::access::Person;
use crate::accounts::users;
use crate::audit::Action;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::schema::{user_pictures, users as user_rows};

#[derive(Insertable)]
#[diesel(table_name = user_pictures)]
struct Row<'a> {
    user_id: &'a UserId,
    content: &'a [u8],
}

/// Stores a picture, or removes it.
pub fn set(tx: &mut WriteTx, person: &Person, png: Option<&[u8]>) -> Result<(), DbError> {
    let user = &person.user_id;
    users::lock(tx, user)?;
    let row = user_rows::table.filter(user_rows::id.eq(user));
    let before: String = row.select(user_rows::picture_hash).first(tx.connection)?;
    let hash = png.map_or_else(String::new, hash);
    if before == hash {
        return Ok(());
    }
    diesel::delete(user_pictures::table.filter(user_pictures::user_id.eq(user))).execute(tx.connection)?;
    if let Some(content) = png {
        diesel::insert_into(user_pictures::table).values(Row { user_id: user, content }).execute(tx.connection)?;
    }
    diesel::update(row)
        .set((user_rows::picture_hash.eq(&hash), user_rows::updated_at.eq(tx.now)))
        .execute(tx.connection)?;
    let picture = |hash: &str| if hash.is_empty() { Value::Null } else { json!({ "picture": hash }) };
    let action = if png.is_some() { Action::PictureChanged } else { Action::PictureRemoved };
    users::record_change(tx, person, action, picture(&before), picture(&hash))
}

fn hash(png: &[u8]) -> String {
    Sha256::digest(png).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of the picture and the picture as PNG, if there is one.
pub fn content(connection: &mut Connection, user: &UserId) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let pictures = user_pictures::table.inner_join(user_rows::table).filter(user_pictures::user_id.eq(user));
    Ok(pictures.select((user_rows::picture_hash, user_pictures::content)).first(connection).optional()?)
}
