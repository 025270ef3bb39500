//! Whom passkeys are made for, and what browsers are asked for that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential,
    WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use super::{Answer, Whose};
use crate::access::Person;
use crate::secrets::{Sealer, Secret};
use crate::time::Timestamp;

/// How long a question may be answered. Browsers give people five minutes.
pub(super) const LIFETIME: Duration = Duration::minutes(10);
const MAKING: &str = "passkey made";
const USING: &str = "passkey used";

/// This portal, as devices know it.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    webauthn: Webauthn,
    /// Where its pages must have been opened: `https://portal.example.com`.
    pub origin: String,
}

/// What a browser is asked, and what it sends back beside its answer.
#[derive(Debug, Serialize)]
pub struct Question {
    pub options: Value,
    pub question: String,
}

/// A question that came back.
pub(super) struct Asked<S> {
    /// Tells it from others.
    pub id: String,
    pub state: S,
}

#[derive(Serialize, Deserialize)]
struct Sealed<S> {
    id: String,
    /// Milliseconds since the Unix epoch.
    since: i64,
    state: S,
}

fn seal<S: Serialize>(sealer: &Sealer, purpose: &str, whose: &str, state: S, now: Timestamp) -> String {
    let sealed = Sealed { id: Secret::random().hash(), since: now.unix_millis(), state };
    let plain = serde_json::to_vec(&sealed).expect("the state of a question is plain data");
    URL_SAFE_NO_PAD.encode(sealer.seal(purpose, whose, &plain))
}

fn open<S: DeserializeOwned>(
    sealer: &Sealer,
    purpose: &str,
    whose: &str,
    question: &str,
    now: Timestamp,
) -> Option<Asked<S>> {
    let plain = sealer.open(purpose, whose, &URL_SAFE_NO_PAD.decode(question).ok()?)?;
    let Sealed { id, since, state } = serde_json::from_slice(&plain).ok()?;
    let age = now.unix_millis() - since;
    (0..LIFETIME.num_milliseconds()).contains(&age).then_some(Asked { id, state })
}

impl RelyingParty {
    /// `None` for a portal that is reached by a number, for which browsers make no passkeys. The machine itself has a name.
    pub fn of(public_url: &str) -> Option<Self> {
        let mut url = Url::parse(public_url).ok()?;
        let is_this_machine = match url.host()? {
            Host::Domain(_) => false,
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        if is_this_machine {
            url.set_host(Some("localhost")).ok()?;
        }
        let name = url.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&name, &url).ok()?.rp_name("Portico").build().ok()?;
        Some(Self { webauthn, origin: url.origin().ascii_serialization() })
    }

    /// Asks for a new passkey of somebody who has those with the ids already.
    pub fn ask_for_one(&self, sealer: &Sealer, person: &Person, known: &[String], now: Timestamp) -> Question {
        let known = known.iter().filter_map(|id| URL_SAFE_NO_PAD.decode(id).ok()).collect();
        let user = person.user_id.uuid();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(user, &person.email, &person.name(), Some(known))
            .expect("a person has a name and an id");
        let mut options = serde_json::to_value(options).expect("options are plain data");
        // One that the device does not keep could not sign in without an address.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        Question { options, question: seal(sealer, MAKING, person.user_id.as_str(), state, now) }
    }

    /// Asks who is there.
    pub fn ask_who(&self, sealer: &Sealer, now: Timestamp) -> Question {
        self.ask(sealer, Whose::Anybody, &[], now)
    }

    /// Asks for one of the passkeys with these ids.
    pub fn ask(&self, sealer: &Sealer, whose: Whose<'_>, known: &[String], now: Timestamp) -> Question {
        let (mut asked, state) =
            self.webauthn.start_discoverable_authentication().expect("nothing that is set can be wrong");
        // Whether it is offered among the addresses or by a button is for the page to say.
        asked.mediation = None;
        let mut options = serde_json::to_value(asked).expect("options are plain data");
        options["publicKey"]["allowCredentials"] =
            known.iter().map(|id| json!({ "type": "public-key", "id": id })).collect();
        Question { options, question: seal(sealer, USING, whose.opens(), state, now) }
    }

    pub(super) fn made(
        &self,
        sealer: &Sealer,
        person: &Person,
        answer: &Answer,
        now: Timestamp,
    ) -> Option<Asked<PasskeyRegistration>> {
        open(sealer, MAKING, person.user_id.as_str(), &answer.question, now)
    }

    pub(super) fn used(
        &self,
        sealer: &Sealer,
        whose: Whose<'_>,
        answer: &Answer,
        now: Timestamp,
    ) -> Option<Asked<DiscoverableAuthentication>> {
        open(sealer, USING, whose.opens(), &answer.question, now)
    }

    /// The passkey that was made, if the answer is one to this question.
    pub(super) fn passkey(&self, state: &PasskeyRegistration, answer: &str) -> Option<Passkey> {
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        self.webauthn.finish_passkey_registration(&answer, state).ok()
    }

    /// Checks an answer against the passkey that it names, and notes in that how often it was used and whether it is backed up.
    pub(super) fn check(
        &self,
        state: DiscoverableAuthentication,
        answer: &PublicKeyCredential,
        passkey: &mut Passkey,
    ) -> Result<(), WebauthnError> {
        let result = self.webauthn.finish_discoverable_authentication_v2(answer, state, &*passkey)?;
        passkey.update_credential(&result);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::RelyingParty;

    #[test]
    fn passkeys_are_made_for_a_name() {
        for (public_url, origin) in [
            ("https://portal.example.com", Some("https://portal.example.com")),
            ("https://portal.example.com:8443", Some("https://portal.example.com:8443")),
            ("http://127.0.0.1:8080", Some("http://localhost:8080")),
            ("http://[::1]:8080", Some("http://localhost:8080")),
            ("http://localhost:8080", Some("http://localhost:8080")),
            ("http://192.0.2.7:8080", None),
            ("https://[2001:db8::1]", None),
        ] {
            assert_eq!(RelyingParty::of(public_url).map(|party| party.origin).as_deref(), origin, "{public_url}");
        }
    }
}
