//! Signatures of events, in the scheme of Stripe: `t=1764326400,v1=5257a8…`, where each `v1` is an HMAC-SHA256 of the moment, a full
//! stop and the body. There are several while a key is replaced.

use chrono::Duration;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::provider::Forged;
use crate::time::Timestamp;

/// How far the moment of a signature may lie from now: who recorded an event cannot send it again later.
const WINDOW: Duration = Duration::minutes(5);

fn mac(key: &[u8], moment: &str, body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of any length are taken");
    mac.update(moment.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// The value of the header under which a body is sent.
pub fn sign(key: &[u8], body: &[u8], now: Timestamp) -> String {
    let moment = (now.unix_millis() / 1_000).to_string();
    let signature: String =
        mac(key, &moment, body).finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={moment},v1={signature}")
}

/// Whether whoever signed the body has the key, and signed it just now.
pub fn verify(key: &[u8], header: &str, body: &[u8], now: Timestamp) -> Result<(), Forged> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let (_, moment) = parts().find(|(name, _)| *name == "t").ok_or(Forged::Signature)?;
    let signed_at: i64 = moment.parse().map_err(|_| Forged::Signature)?;
    // In constant time, by the library.
    let is_of_key = |signature: Vec<u8>| mac(key, moment, body).verify_slice(&signature).is_ok();
    let mut signatures = parts().filter(|(name, _)| *name == "v1").filter_map(|(_, signature)| bytes(signature));
    if !signatures.any(is_of_key) {
        return Err(Forged::Signature);
    }
    let age = (now.unix_millis() / 1_000).abs_diff(signed_at);
    if age > WINDOW.num_seconds().unsigned_abs() { Err(Forged::Old) } else { Ok(()) }
}

/// The bytes that hexadecimal digits stand for.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const KEY: &[u8] = b"whsec_of_this_test";
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn now() -> Timestamp {
        Timestamp::from(DateTime::from_timestamp(1_800_000_000, 0).expect("a moment"))
    }

    #[test]
    fn what_was_signed_with_the_key_just_now_is_believed() {
        let header = sign(KEY, BODY, now());
        for seconds in [-300, 0, 300] {
            assert_eq!(verify(KEY, &header, BODY, now() + Duration::seconds(seconds)), Ok(()), "{seconds}");
        }
        // While a key is replaced, what is sent is signed with both; other schemes stand beside.
        let other = sign(b"another", BODY, now());
        let (_, other) = other.split_once(',').expect("a moment and a signature");
        let (moment, signature) = header.split_once(',').expect("a moment and a signature");
        assert_eq!(verify(KEY, &format!("{moment},{other}, {signature},v0=00"), BODY, now()), Ok(()));
    }

    #[test]
    fn what_is_known_from_elsewhere() {
        // The example with which the scheme is checked by the libraries of Stripe: key, moment, body.
        let header =
            sign(b"whsec_test_secret", b"{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}", now());
        assert!(header.starts_with("t=1800000000,v1=") && header.len() == "t=1800000000,v1=".len() + 64, "{header}");
    }

    #[test]
    fn what_is_forged_or_old_is_not_believed() {
        let header = sign(KEY, BODY, now());
        let (moment, signature) = header.split_once(',').expect("a moment and a signature");
        for (forged, header) in [
            ("nothing", String::new()),
            ("no signature", moment.to_owned()),
            ("no moment", signature.to_owned()),
            ("another moment", format!("t=1800000001,{signature}")),
            ("another scheme", format!("{moment},{}", signature.replace("v1", "v0"))),
            ("half of it", header[..header.len() - 2].to_owned()),
            ("no digits", format!("{moment},v1=zz")),
            ("letters of two bytes", format!("{moment},v1=é")),
            ("another key", sign(b"another", BODY, now())),
        ] {
            assert_eq!(verify(KEY, &header, BODY, now()), Err(Forged::Signature), "{forged}");
        }
        assert_eq!(verify(KEY, &header, br#"{"id":"evt_2"}"#, now()), Err(Forged::Signature));
        for seconds in [-301, 301, 7_200] {
            assert_eq!(verify(KEY, &header, BODY, now() + Duration::seconds(seconds)), Err(Forged::Old), "{seconds}");
        }
    }
}
