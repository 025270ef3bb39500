//! Forms that arrived after their sender was signed out. What was typed is not lost: it goes, sealed, with the sign-in form to the
//! browser and back, and is stored for whoever has signed in, so that the page of the form can be shown filled in. Nothing is done
//! with it but that.
//!
//! Only the person gets it who signed in with that browser last, and only for an hour. Passwords and files are left out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::jobs::Purge;
use crate::schema::kept_forms;
use crate::secrets::Sealer;
use crate::time::Timestamp;

/// How long somebody may take to sign in again, and to come back to the form after that.
const LIFETIME: Duration = Duration::hours(1);
const PURPOSE: &str = "kept form";
/// The largest form that is kept, in bytes: sealed and written as text it must fit into the sign-in form. It holds five hundred
/// addresses.
const MOST_BYTES: usize = 40 * 1_024;

/// What was typed into a form, and the page that it stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// Its address, with what the address says.
    pub page: String,
    fields: Vec<(String, String)>,
    /// Milliseconds since the Unix epoch.
    since: i64,
}

impl KeptForm {
    /// `None` where there is nothing to keep, or too much.
    pub fn new(page: &str, mut fields: Vec<(String, String)>, now: Timestamp) -> Option<Self> {
        fields.retain(|(name, value)| !name.contains("password") && !value.is_empty());
        let kept = Self { page: page.to_owned(), fields, since: now.unix_millis() };
        (!kept.fields.is_empty() && kept.plain().len() <= MOST_BYTES).then_some(kept)
    }

    pub fn path(&self) -> &str {
        self.page.split_once('?').map_or(&self.page, |(path, _)| path)
    }

    /// What was typed into a field.
    pub fn field(&self, name: &str) -> Option<&String> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    fn plain(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings always make JSON")
    }

    /// For the sign-in form.
    pub fn sealed(&self, sealer: &Sealer, holder: &UserId) -> String {
        URL_SAFE_NO_PAD.encode(sealer.seal(PURPOSE, holder.as_str(), &self.plain()))
    }

    /// What comes back with the sign-in form of its holder, while it is young enough.
    pub fn open(sealer: &Sealer, holder: &UserId, sealed: &str, now: Timestamp) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let kept: Self = serde_json::from_slice(&sealer.open(PURPOSE, holder.as_str(), &bytes)?).ok()?;
        let age = now.unix_millis() - kept.since;
        (0..LIFETIME.num_milliseconds()).contains(&age).then_some(kept)
    }
}

/// Stores a form for its holder, in place of the one before.
pub fn store(tx: &mut WriteTx, holder: &UserId, kept: &KeptForm) -> Result<(), DbError> {
    diesel::delete(kept_forms::table.filter(kept_forms::user_id.eq(holder))).execute(tx.connection)?;
    let row = (
        kept_forms::user_id.eq(holder),
        kept_forms::sealed.eq(tx.context.sealer.seal(PURPOSE, holder.as_str(), &kept.plain())),
        kept_forms::expires_at.eq(tx.now + LIFETIME),
    );
    diesel::insert_into(kept_forms::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// The form that is stored for somebody.
pub fn find(
    connection: &mut Connection,
    sealer: &Sealer,
    holder: &UserId,
    now: Timestamp,
) -> Result<Option<KeptForm>, DbError> {
    let sealed: Option<Vec<u8>> = kept_forms::table
        .filter(kept_forms::user_id.eq(holder))
        .filter(kept_forms::expires_at.gt(now))
        .select(kept_forms::sealed)
        .first(connection)
        .optional()?;
    let plain = sealed.and_then(|sealed| sealer.open(PURPOSE, holder.as_str(), &sealed));
    Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
}

/// Removes forms that nobody came back to.
pub const PURGE: Purge = Purge {
    kind: "kept-forms.purge",
    table: "kept_forms",
    key: "user_id",
    moment: "expires_at",
    kept: Duration::zero(),
};
