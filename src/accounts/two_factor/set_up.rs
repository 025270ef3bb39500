//! An app that is being set up. What it shares with the portal goes, sealed, with the form to the browser and back, and is stored when
//! the first code was right: opening the page stores nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use serde::{Deserialize, Serialize};

use super::Generator;
use crate::ids::UserId;
use crate::secrets::{Sealer, random_bytes};
use crate::time::Timestamp;

/// How long somebody may take.
const LIFETIME: Duration = Duration::hours(1);
const PURPOSE: &str = "two-factor set-up";
/// As long as what SHA-1 makes, as RFC 4226 wants it.
const SECRET_BYTES: usize = 20;

#[derive(Clone, Serialize, Deserialize)]
pub struct SetUp {
    pub(super) secret: [u8; SECRET_BYTES],
    /// Milliseconds since the Unix epoch.
    since: i64,
}

impl SetUp {
    pub fn new(now: Timestamp) -> Self {
        Self { secret: random_bytes(), since: now.unix_millis() }
    }

    /// For the form of its page.
    pub fn sealed(&self, sealer: &Sealer, user: &UserId) -> String {
        let plain = serde_json::to_vec(self).expect("numbers always make JSON");
        URL_SAFE_NO_PAD.encode(sealer.seal(PURPOSE, user.as_str(), &plain))
    }

    /// What comes back with the form of the same person, while it is young enough.
    pub fn open(sealer: &Sealer, user: &UserId, sealed: &str, now: Timestamp) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let set_up: Self = serde_json::from_slice(&sealer.open(PURPOSE, user.as_str(), &bytes)?).ok()?;
        let age = now.unix_millis() - set_up.since;
        (0..LIFETIME.num_milliseconds()).contains(&age).then_some(set_up)
    }

    pub fn generator(&self, email: &str) -> Generator {
        Generator::new(&self.secret, email)
    }
}
