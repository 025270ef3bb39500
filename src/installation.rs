//! The key that belongs to a database. A process with another one would sign everybody out, seal mails that nobody else can open
//! and open none of theirs, so the database knows its key by a fingerprint, and such a process does not serve.
//!
//! While a key is changed, one process after the other, both keys are known to all: each has one of them as the current one and
//! the other among those that open. The fingerprint stored is that of the process that started last, and fits them all.

use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::schema::installation;
use crate::secrets::SecretKeys;
use crate::time::Timestamp;

const ONLY: &str = "installation";

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = installation)]
struct Row<'a> {
    id: &'a str,
    key_fingerprint: String,
    key_since: Timestamp,
}

/// How the keys of a process fit the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// No process has served the database yet.
    New,
    Current,
    /// The database knows a key that opens here, but does not seal.
    Other,
    Foreign,
}

impl Fit {
    pub const FOREIGN: &str = "this database belongs to another secret key, which is neither PORTICO_SECRET_KEY nor among \
         PORTICO_PREVIOUS_SECRET_KEYS: set the key that it was served with, or add that one to the previous ones to change it";
}

pub fn fit(connection: &mut Connection, keys: &SecretKeys) -> Result<Fit, DbError> {
    let stored: Option<String> =
        installation::table.find(ONLY).select(installation::key_fingerprint).first(connection).optional()?;
    Ok(match stored {
        None => Fit::New,
        Some(stored) if stored == keys.current.fingerprint() => Fit::Current,
        Some(stored) if keys.others.iter().any(|key| stored == key.fingerprint()) => Fit::Other,
        Some(_) => Fit::Foreign,
    })
}

/// Stores the fingerprint of the current key, where the keys fit the database; answers how they did.
pub fn adopt(tx: &mut WriteTx, keys: &SecretKeys) -> Result<Fit, DbError> {
    tx.lock_name(ONLY)?;
    let fit = fit(tx.connection, keys)?;
    let row = Row { id: ONLY, key_fingerprint: keys.current.fingerprint(), key_since: tx.now };
    match fit {
        Fit::New => {
            diesel::insert_into(installation::table).values(row).execute(tx.connection)?;
        }
        Fit::Other => {
            diesel::update(installation::table.find(ONLY)).set(row).execute(tx.connection)?;
        }
        Fit::Current | Fit::Foreign => {}
    }
    Ok(fit)
}
