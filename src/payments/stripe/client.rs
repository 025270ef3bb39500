//! Asking Stripe by HTTP: forms there, JSON back, within a time limit.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};
use url::Url;

use super::shapes::{ApiError, Failed};
use crate::payments::provider::ProviderError;
use crate::secrets::Secret;

/// How long a connection may take to be made.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a call may take in all. Pages wait a little longer than that.
const ANSWER_WITHIN: Duration = Duration::from_secs(18);
/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: u64 = 4 * 1_024 * 1_024;
/// The version of the interface in whose shapes Stripe answers, whatever the account's own is.
const VERSION: &str = "2024-06-20";

/// The fields of a form.
pub(super) type Fields = Vec<(String, String)>;

pub(super) struct Client {
    agent: Agent,
    /// Without a slash at the end.
    base: String,
    key: Secret,
}

/// Why Stripe did not do what it was asked for.
#[derive(Debug)]
pub(super) enum Failure {
    Away(String),
    /// It said no, with these words.
    Said(ApiError),
}

impl From<Failure> for ProviderError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Away(why) => Self::Away(why),
            Failure::Said(error) => Self::Refused(error.to_string()),
        }
    }
}

impl Client {
    pub(super) fn new(base: &Url, key: Secret) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(CONNECT_WITHIN))
            .timeout_global(Some(ANSWER_WITHIN))
            .http_status_as_error(false)
            // It never leads elsewhere; the key must not go there.
            .max_redirects(0)
            .user_agent(concat!("Portico/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls());
        Self { agent: config.build().new_agent(), base: base.as_str().trim_end_matches('/').to_owned(), key }
    }

    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("Stripe-Version", VERSION);
        read(request.header("Authorization", self.authorization()).call())
    }

    /// `once` is the key under which it is done once, however often it is asked for.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        fields: &Fields,
        once: Option<&str>,
    ) -> Result<T, Failure> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Stripe-Version", VERSION);
        if let Some(once) = once {
            request = request.header("Idempotency-Key", once);
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        read(request.header("Authorization", self.authorization()).send(body))
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.key.as_str())
    }
}

/// Verified with the certificates that the machine trusts, as mail servers are.
fn tls() -> TlsConfig {
    let trusted = rustls_native_certs::load_native_certs();
    for error in &trusted.errors {
        tracing::warn!(%error, "a trusted certificate of this machine cannot be read");
    }
    let trusted: Vec<_> =
        trusted.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&trusted))
        .unversioned_rustls_crypto_provider(provider)
        .build()
}

fn read<T: DeserializeOwned>(answer: Result<ureq::http::Response<Body>, ureq::Error>) -> Result<T, Failure> {
    let away = |error: ureq::Error| Failure::Away(error.to_string());
    let mut answer = answer.map_err(away)?;
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string().map_err(away)?;
    match status {
        200..=299 => parse(&body, status),
        // Too many at once, the same at the same time, or in trouble: asking again is right, and with the same key it is safe.
        409 | 429 | 500.. => Err(Failure::Away(format!("it answers with {status}"))),
        _ => {
            let Failed { error } = parse(&body, status)?;
            Err(Failure::Said(ApiError { status, ..error }))
        }
    }
}

/// Whatever is between it and us may answer in its place, in words that are not its own.
fn parse<'a, T: Deserialize<'a>>(body: &'a str, status: u16) -> Result<T, Failure> {
    serde_json::from_str(body)
        .map_err(|error| Failure::Away(format!("it answers with {status} and no object: {error}")))
}
