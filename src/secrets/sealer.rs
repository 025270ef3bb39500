//! What is stored and must be read again, such as a mail that carries a link.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use super::{SecretKey, SecretKeys, random_bytes};

const NONCE_BYTES: usize = 12;

/// Seals with a key derived from the current one, and opens with those of all.
#[derive(Clone, Debug)]
pub struct Sealer(SecretKeys);

fn cipher(key: &SecretKey, purpose: &str) -> Aes256Gcm {
    Aes256Gcm::new(&key.derive::<32>(purpose).into())
}

impl Sealer {
    pub fn new(keys: SecretKeys) -> Self {
        Self(keys)
    }

    pub fn keys(&self) -> &SecretKeys {
        &self.0
    }

    /// `plain` encrypted and bound to its purpose and to the id of the row that it is stored in: AES-256-GCM with a random nonce
    /// in front.
    pub fn seal(&self, purpose: &str, id: &str, plain: &[u8]) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let payload = Payload { msg: plain, aad: id.as_bytes() };
        let sealed = cipher(&self.0.current, purpose).encrypt(Nonce::from_slice(&nonce), payload);
        [nonce.as_slice(), &sealed.expect("what is sealed is far below 64 GiB")].concat()
    }

    /// What was sealed for this purpose and id; `None` where it was sealed with a key that this process does not have, or is
    /// something else.
    pub fn open(&self, purpose: &str, id: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, content) = sealed.split_at_checked(NONCE_BYTES)?;
        let open = |key| {
            let payload = Payload { msg: content, aad: id.as_bytes() };
            cipher(key, purpose).decrypt(Nonce::from_slice(nonce), payload).ok()
        };
        self.0.all().find_map(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: usize) -> Vec<SecretKey> {
        (0..count).map(|_| SecretKey::new(&SecretKey::generate()).unwrap()).collect()
    }

    #[test]
    fn what_is_sealed_is_bound_to_key_purpose_and_row() {
        let keys = keys(2);
        let [sealer, stranger] = [0, 1].map(|which: usize| Sealer::new(SecretKeys::only(keys[which].clone())));
        let sealed = sealer.seal("outbox", "mail_1", b"a link");
        assert_eq!(sealer.open("outbox", "mail_1", &sealed).as_deref(), Some(&b"a link"[..]));
        assert_eq!(stranger.open("outbox", "mail_1", &sealed), None);
        assert_eq!(sealer.open("webhooks", "mail_1", &sealed), None);
        assert_eq!(sealer.open("outbox", "mail_2", &sealed), None);
        assert_eq!(sealer.open("outbox", "mail_1", &sealed[..8]), None);
    }

    #[test]
    fn what_was_sealed_before_a_rotation_is_opened_after_it() {
        let keys = keys(2);
        let before = Sealer::new(SecretKeys::only(keys[0].clone()));
        let after = Sealer::new(SecretKeys { current: keys[1].clone(), others: vec![keys[0].clone()] });
        let old = before.seal("outbox", "mail_1", b"a link");
        assert_eq!(after.open("outbox", "mail_1", &old).as_deref(), Some(&b"a link"[..]));
        let new = after.seal("outbox", "mail_1", b"a link");
        assert_eq!(before.open("outbox", "mail_1", &new), None, "the current key seals");
    }
}
