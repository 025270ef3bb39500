//! Secrets: what links and cookies carry (32 random bytes, of which only a hash is stored), the keys derived from
//! `PORTICO_SECRET_KEY`, and what is sealed with them.

mod keys;
mod sealer;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub use keys::{SECRET_KEY_BYTES, SecretKey, SecretKeys, UnfitKey};
pub use sealer::Sealer;

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
        digest(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 in URL-safe text (43 characters).
pub fn digest(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

pub fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).expect("the operating system's random source answers, or nothing here is safe");
    bytes
}
