//! A device that makes passkeys and uses them, as a browser hands them on. It does what it is told: tests have it lie, too.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use portico::secrets::{Secret, digest};
use serde_json::{Value, json};

use super::Portal;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_KEY: u8 = 0x40;

#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    /// Whom its passkey is of, as the portal knows them.
    pub user: Vec<u8>,
    pub counter: u32,
    /// Whether it looks who uses it.
    pub verifies: bool,
    /// The page that the browser thinks it shows.
    pub origin: String,
    name: String,
}

fn decoded(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("URL-safe text")
}

fn hash(bytes: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(digest(bytes)).expect("a hash")
}

impl Authenticator {
    pub fn new(portal: &Portal) -> Self {
        let random = || URL_SAFE_NO_PAD.decode(Secret::random().as_str()).expect("32 bytes");
        let origin = portal.app.passkeys.as_ref().expect("the portal has a name").origin.clone();
        let host = origin.split("://").nth(1).expect("an origin");
        Self {
            key: SigningKey::from_slice(&random()).expect("a key"),
            id: random(),
            user: Vec::new(),
            counter: 0,
            verifies: true,
            name: host.split(':').next().expect("a host").to_owned(),
            origin,
        }
    }

    /// What is signed of the device: for whom, what it did, and how often.
    fn state(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        [hash(&self.name), vec![flags | PRESENT | verified], self.counter.to_be_bytes().to_vec()].concat()
    }

    fn client(&self, act: &str, options: &Value) -> String {
        let challenge = &options["publicKey"]["challenge"];
        json!({ "type": act, "challenge": challenge, "origin": self.origin, "crossOrigin": false }).to_string()
    }

    fn written(&self, response: Value) -> String {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// Makes a passkey, without a word about what kind of device it is.
    pub fn make(&mut self, options: &Value) -> String {
        self.user = decoded(&options["publicKey"]["user"]["id"]);
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        // A key of the curve P-256 for ES256, in CBOR.
        let key = [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, &[0x22, 0x58, 32], y].concat();
        let id_length = (self.id.len() as u16).to_be_bytes().to_vec();
        let made = [self.state(HAS_KEY), vec![0; 16], id_length, self.id.clone(), key].concat();
        let mut attestation = vec![0xa3];
        attestation.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attestation.push(made.len() as u8);
        attestation.extend(made);
        let client = self.client("webauthn.create", options);
        self.written(json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "attestationObject": URL_SAFE_NO_PAD.encode(attestation),
        }))
    }

    /// Uses it.
    pub fn answer(&mut self, options: &Value) -> String {
        self.counter += 1;
        let (state, client) = (self.state(0), self.client("webauthn.get", options));
        let signature: Signature = self.key.sign(&[state.clone(), hash(&client)].concat());
        // A device need not say whose it is, where it was asked for by name.
        let user = (!self.user.is_empty()).then(|| URL_SAFE_NO_PAD.encode(&self.user));
        self.written(json!({
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "authenticatorData": URL_SAFE_NO_PAD.encode(state),
            "signature": URL_SAFE_NO_PAD.encode(signature.to_der().as_bytes()),
            "userHandle": user,
        }))
    }
}
