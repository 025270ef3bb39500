//! An authenticator app, as people have one on their phone.

use portico::time::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use super::Html;

pub struct AuthenticatorApp(Totp);

impl AuthenticatorApp {
    /// With a key as somebody types it.
    pub fn with_key(key: &str) -> Self {
        let secret = Secret::try_from_base32(key.replace(' ', "")).expect("a key");
        Self(Builder::new().with_secret(secret).build().expect("a secret that is long enough"))
    }

    /// That is set up by a page.
    pub fn of(page: &Html) -> Self {
        Self::with_key(&page.text("code.key"))
    }

    pub fn code(&self, now: Timestamp) -> String {
        self.0.generate(u64::try_from(now.unix_millis() / 1_000).expect("it is after 1970")).to_string()
    }
}
