//! Secrets: what links and cookies carry (32 random bytes, of which only a hash is stored), the keys derived from
//! `PORTICO_SECRET_KEY`, and what is sealed with them.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
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

const NONCE_BYTES: usize = 12;

/// Seals what is stored and must be read again, such as a mail that carries a link, with keys derived from the installation's.
#[derive(Clone, Debug)]
pub struct Sealer(SecretKey);

impl Sealer {
    pub fn new(key: SecretKey) -> Self {
        Self(key)
    }

    fn cipher(&self, purpose: &str) -> Aes256Gcm {
        Aes256Gcm::new(&self.0.derive::<32>(purpose).into())
    }

    /// `plain` encrypted and bound to its purpose and to the id of the row that it is stored in: AES-256-GCM with a random nonce
    /// in front.
    pub fn seal(&self, purpose: &str, id: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let payload = Payload { msg: plain, aad: id.as_bytes() };
        let sealed = self.cipher(purpose).encrypt(Nonce::from_slice(&nonce), payload);
        [nonce.as_slice(), &sealed.expect("what is sealed is far below 64 GiB")].concat()
    }

    /// What was sealed for this purpose and id; `None` where it was sealed with another key, or is something else.
    pub fn open(&self, purpose: &str, id: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, content) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: content, aad: id.as_bytes() };
        self.cipher(purpose).decrypt(Nonce::from_slice(nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_bound_to_key_purpose_and_row() {
        let sealer = |text: &str| Sealer::new(SecretKey::new(&text.repeat(64)).expect("64 bytes"));
        let sealed = sealer("a").seal("outbox", "mail_1", b"a link");
        assert_eq!(sealer("a").open("outbox", "mail_1", &sealed).as_deref(), Some(&b"a link"[..]));
        assert_eq!(sealer("b").open("outbox", "mail_1", &sealed), None);
        assert_eq!(sealer("a").open("webhooks", "mail_1", &sealed), None);
        assert_eq!(sealer("a").open("outbox", "mail_2", &sealed), None);
        assert_eq!(sealer("a").open("outbox", "mail_1", &sealed[..8]), None);
    }
}
