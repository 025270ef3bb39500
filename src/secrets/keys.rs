//! The installation's keys: the one that seals, and those of before and after it, which only open.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;

use super::random_bytes;

/// A secret key must be at least this long, in bytes.
pub const SECRET_KEY_BYTES: usize = 64;
/// Fewer different bytes than random digits have.
const FEWEST_DIFFERENT: usize = 8;
/// What comes again after fewer bytes than this is a pattern.
const SHORTEST_PERIOD: usize = 32;

/// Why a text is no secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnfitKey {
    #[error("has {0} bytes; it must have at least {SECRET_KEY_BYTES}")]
    Short(usize),
    #[error(
        "can be guessed: it repeats itself or follows a pattern; make one with `openssl rand -base64 64 | tr -d '\\n'`"
    )]
    Weak,
}

/// One key: at least 64 bytes that nobody can guess.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Vec<u8>);

impl SecretKey {
    pub fn new(text: &str) -> Result<Self, UnfitKey> {
        let bytes = text.as_bytes();
        match bytes.len() {
            length if length < SECRET_KEY_BYTES => Err(UnfitKey::Short(length)),
            _ if is_weak(bytes) => Err(UnfitKey::Weak),
            _ => Ok(Self(bytes.to_owned())),
        }
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
            .expect("the lengths in use, 16 to 64, are far below the limit of 8,160 bytes");
        key
    }

    /// By what a database knows the key, without being told it.
    pub fn fingerprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.derive::<16>("fingerprint"))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Whether a key was typed rather than drawn: few different characters, a short text again and again, or a walk along the alphabet.
/// No look can tell a good key, but these are the ones that are written where one is missing.
fn is_weak(bytes: &[u8]) -> bool {
    let different = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
    let repeats = |period: usize| bytes[period..].iter().eq(&bytes[..bytes.len() - period]);
    let steps = bytes.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 1).count();
    different < FEWEST_DIFFERENT || (1..SHORTEST_PERIOD).any(repeats) || 2 * steps > bytes.len()
}

/// All keys of a process.
#[derive(Clone, Debug)]
pub struct SecretKeys {
    pub current: SecretKey,
    /// Those that open what was sealed before a rotation, or is sealed already by a process that has gone through it.
    pub others: Vec<SecretKey>,
}

impl SecretKeys {
    pub fn only(current: SecretKey) -> Self {
        Self { current, others: Vec::new() }
    }

    /// The current one first.
    pub fn all(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.current).chain(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_were_typed_are_refused_and_drawn_ones_pass() {
        let weak = |text: &str| assert_eq!(SecretKey::new(text), Err(UnfitKey::Weak), "{text}");
        weak(&"a".repeat(64));
        weak(&"ab".repeat(40));
        weak(&"0123456789".repeat(8));
        weak(&"change-me-please ".repeat(5));
        weak("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/");
        weak(&format!("{}{}", "a".repeat(40), "another 24 bytes of text"));
        assert_eq!(SecretKey::new(&"a".repeat(63)), Err(UnfitKey::Short(63)));
        for _ in 0..1_000 {
            assert!(SecretKey::new(&SecretKey::generate()).is_ok());
            let bytes = random_bytes::<64>();
            let hex: String = bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect();
            assert!(SecretKey::new(&hex).is_ok(), "{hex}");
        }
    }

    #[test]
    fn a_fingerprint_is_of_one_key() {
        let [one, other] = [(); 2].map(|()| SecretKey::new(&SecretKey::generate()).unwrap());
        assert_eq!(one.fingerprint(), one.clone().fingerprint());
        assert_ne!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().len(), 22);
    }
}
