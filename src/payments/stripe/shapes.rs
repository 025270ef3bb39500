//! What Stripe answers, as far as it is read.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::ids::PaymentId;
use crate::money::{Currency, Money};
use crate::payments::provider::{Method, ProviderError, ShownMethod};

/// The metadata in which our rows are named.
pub(super) const PAYMENT: &str = "payment";
pub(super) const ORGANIZATION: &str = "organization";
/// Set on the payment of a page, whose events the page tells, too.
pub(super) const CHECKOUT: &str = "checkout";

type Metadata = BTreeMap<String, String>;

/// An object, or its id where it was not asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Named<T> {
    Id(String),
    Whole(T),
}

impl<T> Named<T> {
    pub(super) fn whole(self) -> Option<T> {
        match self {
            Self::Id(_) => None,
            Self::Whole(object) => Some(object),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Customer {
    pub(super) id: String,
}

/// A page.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) payment_status: Option<String>,
    pub(super) url: Option<String>,
    customer: Option<Named<Customer>>,
    pub(super) payment_intent: Option<Named<Intent>>,
    pub(super) setup_intent: Option<Named<Setup>>,
}

impl Session {
    pub(super) fn customer(&self) -> Option<&str> {
        self.customer.as_ref().map(|customer| match customer {
            Named::Id(id) | Named::Whole(Customer { id }) => id.as_str(),
        })
    }
}

/// A payment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    amount: i64,
    currency: String,
    pub(super) status: String,
    #[serde(default)]
    setup_future_usage: Option<String>,
    #[serde(default)]
    payment_method: Option<Named<Card>>,
    #[serde(default)]
    pub(super) last_payment_error: Option<ApiError>,
    #[serde(default)]
    metadata: Metadata,
}

impl Intent {
    pub(super) fn amount(&self) -> Result<Money, ProviderError> {
        let currency: Result<Currency, _> = self.currency.to_ascii_uppercase().parse();
        let currency = currency.map_err(|_| ProviderError::Refused(format!("it was paid in {}", self.currency)))?;
        Ok(Money { minor: self.amount, currency })
    }

    /// Our row.
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.metadata.get(PAYMENT).and_then(|id| PaymentId::parse(id))
    }

    pub(super) fn is_of_page(&self) -> bool {
        self.metadata.contains_key(CHECKOUT)
    }

    /// What it was paid with, where that is kept.
    pub(super) fn kept(&self, customer: Option<&str>) -> Option<Method> {
        let is_kept = self.setup_future_usage.as_deref() == Some("off_session");
        let card = self.payment_method.clone().filter(|_| is_kept)?.whole()?;
        Some(card.method(customer?))
    }
}

/// A method that is kept without a payment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Setup {
    pub(super) payment_method: Option<Named<Card>>,
}

/// A payment method: a card, or something that is shown by its kind alone.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Card {
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    card: Option<CardDetails>,
}

#[derive(Clone, Debug, Deserialize)]
struct CardDetails {
    brand: String,
    last4: String,
    exp_year: i32,
    exp_month: u32,
}

impl Card {
    pub(super) fn method(self, customer: &str) -> Method {
        let shown = match self.card {
            Some(CardDetails { brand, last4, exp_year, exp_month }) => {
                ShownMethod { brand: brand_name(&brand), last_four: last4, expires: Some((exp_year, exp_month)) }
            }
            None => {
                ShownMethod { brand: capital(&self.kind.replace('_', " ")), last_four: String::new(), expires: None }
            }
        };
        Method { customer: customer.to_owned(), id: self.id, shown }
    }
}

/// A brand as it writes itself.
fn brand_name(key: &str) -> String {
    match key {
        "amex" => "American Express".to_owned(),
        "diners" => "Diners Club".to_owned(),
        "jcb" => "JCB".to_owned(),
        "unionpay" => "UnionPay".to_owned(),
        "cartes_bancaires" => "Cartes Bancaires".to_owned(),
        "unknown" | "" => "Card".to_owned(),
        other => capital(&other.replace('_', " ")),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) id: String,
    pub(super) status: Option<String>,
}

/// An answer of which nothing is read.
#[derive(Debug, Deserialize)]
pub(super) struct Anything {}

#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Failed {
    pub(super) error: ApiError,
}

/// What is wrong, in the words of Stripe.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ApiError {
    #[serde(skip)]
    pub(super) status: u16,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) message: Option<String>,
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.as_deref().or(self.kind.as_deref()).unwrap_or("no code");
        write!(f, "{} ({code}): {}", self.status, self.message.as_deref().unwrap_or("no message"))
    }
}
