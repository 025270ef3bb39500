//! Events of Stripe. They arrive more than once, and in any order; what one says of an object may be long over. So whoever reads one asks
//! for the object as it is now, unless all that counts is that it was paid, which stays true.

use serde::Deserialize;

use super::Stripe;
use super::provider::paid;
use super::reasons::reason;
use super::shapes::{Intent, PAYMENT};
use crate::ids::PaymentId;
use crate::payments::provider::{CheckoutState, Event, EventError, Forged, MethodPage, News, Provider, ProviderError};
use crate::payments::signature;
use crate::time::Timestamp;

#[derive(Debug, Deserialize)]
struct Body {
    /// One without is known by its kind and its object.
    #[serde(default)]
    id: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: serde_json::Value,
}

/// What is read of a page.
#[derive(Debug, Deserialize)]
struct Page {
    id: String,
    mode: String,
    #[serde(default)]
    metadata: std::collections::BTreeMap<String, String>,
}

impl Page {
    /// Our row, where a payment is made on it.
    fn payment(&self) -> Option<PaymentId> {
        let id = self.metadata.get(PAYMENT).filter(|_| self.mode == "payment")?;
        PaymentId::parse(id)
    }
}

impl Stripe {
    pub(super) fn event(&self, header: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError> {
        self.check(header, body, now)?;
        let Body { id, kind, data: Data { object } } = serde_json::from_slice(body).map_err(|_| Forged::Malformed)?;
        let named = || format!("{kind} {}", object["id"].as_str().unwrap_or_default());
        let id = id.unwrap_or_else(named);
        let news = match kind.split_once('.') {
            Some(("checkout", what)) => self.of_page(what, read(object)?)?,
            Some(("payment_intent", what)) => of_payment(what, &read(object)?)?,
            _ => News::Other,
        };
        Ok(Event { id, news })
    }

    /// Whether it was signed just now with one of the secrets.
    fn check(&self, header: &str, body: &[u8], now: Timestamp) -> Result<(), Forged> {
        let mut refusal = Forged::Signature;
        for key in &self.webhook_secrets {
            match signature::verify(key.as_str().as_bytes(), header, body, now) {
                Ok(()) => return Ok(()),
                // It has the secret, at least.
                Err(Forged::Old) => refusal = Forged::Old,
                Err(Forged::Signature | Forged::Malformed) => {}
            }
        }
        Err(refusal)
    }

    fn of_page(&self, what: &str, page: Page) -> Result<News, EventError> {
        let payment = page.payment();
        match (what, payment) {
            ("session.completed" | "session.async_payment_succeeded", Some(payment)) => match self.look(&page.id)? {
                CheckoutState::Paid(paid) => Ok(News::Paid { payment, paid }),
                CheckoutState::Open { .. } | CheckoutState::Ended => Ok(News::Other),
            },
            ("session.completed", None) if page.mode == "setup" => match self.look_at_method_page(&page.id)? {
                MethodPage::Kept(method) => Ok(News::MethodKept { session: page.id, method }),
                MethodPage::Open | MethodPage::Ended => Ok(News::Other),
            },
            ("session.async_payment_failed", Some(payment)) => Ok(News::Declined { payment, reason: reason(None) }),
            ("session.expired", Some(payment)) => Ok(News::Ended { payment }),
            _ => Ok(News::Other),
        }
    }
}

fn of_payment(what: &str, intent: &Intent) -> Result<News, ProviderError> {
    let Some(payment) = intent.payment() else { return Ok(News::Other) };
    match what {
        // The page tells it, with what was kept.
        "succeeded" if intent.is_of_page() => Ok(News::Other),
        "succeeded" => Ok(News::Paid { payment, paid: paid(intent, None)? }),
        "payment_failed" => Ok(News::Declined { payment, reason: reason(intent.last_payment_error.as_ref()) }),
        _ => Ok(News::Other),
    }
}

fn read<T: serde::de::DeserializeOwned>(object: serde_json::Value) -> Result<T, Forged> {
    serde_json::from_value(object).map_err(|_| Forged::Malformed)
}
