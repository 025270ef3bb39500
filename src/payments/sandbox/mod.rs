//! A provider of payments of our own that takes no money, for demos and for trying things out. What it does is stored, and it behaves
//! like a real one: its pages are left and come back from, it sends signed events that may arrive late and more than once, and it
//! answers the same request with the same payment. It is another system that happens to be in this process: it knows nothing of the
//! portal's nouns, and they know nothing of its rows.

pub mod at_once;
pub mod cards;
mod charges;
pub mod checkout;
pub mod events;
mod provider;
mod refunds;
pub mod sessions;

use crate::db::{Db, TxContext};
use crate::jobs::Purge;
use crate::secrets::{Secret, SecretKey};

/// The provider.
#[derive(Clone)]
pub struct Sandbox {
    db: Db,
    context: TxContext,
    /// What its events are signed with.
    key: [u8; 32],
}

impl Sandbox {
    pub fn new(db: Db, context: TxContext, key: &SecretKey) -> Self {
        Self { db, context, key: key.derive("events of the sandbox") }
    }
}

/// An id that nobody guesses: whoever knows that of a session may pay it.
fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Secret::random().as_str())
}

/// What grows: what was paid is kept, as a real provider would.
pub const PURGES: [Purge; 2] = [
    Purge {
        kind: "purge sandbox sessions",
        table: "sandbox_sessions",
        key: "id",
        moment: "ends_at",
        kept: chrono::Duration::days(30),
    },
    Purge {
        kind: "purge sandbox events",
        table: "sandbox_events",
        key: "id",
        moment: "created_at",
        kept: chrono::Duration::days(30),
    },
];
