//! Secrets: what links and cookies carry (32 random bytes, of which only a hash is stored), and the keys derived from
//! `PORTICO_SECRET_KEY`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};

/// 32 random bytes in URL-safe text (43 characters). Shown once, to the person it is for; never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn random() -> Self {
        Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()))
    }

    /// A secret that somebody presents. Anything may be presented; [`Secret::hash`] of a wrong one finds nothing.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up: SHA-256 in URL-safe text. Looking it up through an index leaks nothing about the secret,
    /// since who guesses cannot choose the hash.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.as_bytes()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

pub fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system's random source answers, or nothing here is safe");
    bytes
}

/// The installation's key: at least 64 bytes, the same on every process that serves one database.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

/// `PORTICO_SECRET_KEY` must be at least this long, in bytes.
pub const SECRET_KEY_BYTES: usize = 64;

impl SecretKey {
    pub fn new(text: &str) -> Option<Self> {
        (text.len() >= SECRET_KEY_BYTES).then(|| Self(text.as_bytes().to_owned()))
    }

    /// A fresh key as text, for an installation that has none yet.
    pub fn generate() -> String {
        URL_SAFE_NO_PAD.encode(random_bytes::<SECRET_KEY_BYTES>())
    }

    /// A key for one purpose, by HKDF-SHA256: knowing it tells nothing about the others.
    pub fn derive<const LENGTH: usize>(&self, purpose: &str) -> [u8; LENGTH] {
        let mut key = [0; LENGTH];
        Hkdf::<Sha256>::new(None, &self.0)
            .expand(purpose.as_bytes(), &mut key)
            .expect("both lengths in use, 32 and 64, are far below the limit of 8,160 bytes");
        key
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}
