//! What a provider of payments can be asked for. Its calls wait for somebody else: none is made inside a transaction.

use crate::db::{DbError, WriteTx};
use crate::ids::{OrganizationId, PaymentId};
use crate::money::Money;
use crate::time::Timestamp;

/// The providers, by the key that is stored and that `PORTICO_PAYMENTS` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ProviderKind {
    /// Our own, which takes no money.
    Sandbox,
    Stripe,
}

/// An Organization, for a provider that does not know it yet.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    pub organization: OrganizationId,
    pub name: String,
    /// What the provider writes to.
    pub email: String,
}

/// What is paid on a page of the provider.
#[derive(Clone, Debug)]
pub struct NewCheckout {
    /// Our row. Asked twice with it, the provider answers with the same checkout.
    pub payment: PaymentId,
    pub organization: OrganizationId,
    /// What the provider calls the Organization.
    pub customer: String,
    pub amount: Money,
    /// `Order O-2026-000123`
    pub description: String,
    /// Whether the method is kept for renewals and top-ups.
    pub keeps_method: bool,
    /// Where the provider sends whoever paid, and whoever went back.
    pub success_url: String,
    pub cancel_url: String,
}

/// A page of the provider that was opened for a payment, or for a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// What the provider calls it.
    pub session: String,
    /// Where to lead whoever pays: an address of the provider, or a path of this portal.
    pub url: String,
}

/// What is kept for later on a page of the provider, without a payment.
#[derive(Clone, Debug)]
pub struct NewMethodPage {
    pub organization: OrganizationId,
    /// What the provider calls the Organization.
    pub customer: String,
    /// Where the provider sends whoever kept a method, and whoever went back.
    pub success_url: String,
    pub cancel_url: String,
}

/// How far such a page has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodPage {
    /// Nothing was kept yet.
    Open,
    Kept(Method),
    /// Nothing can be kept on it any more.
    Ended,
}

/// How far a checkout has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutState {
    /// Nobody has paid yet.
    Open {
        url: String,
    },
    Paid(Paid),
    /// It cannot be paid any more.
    Ended,
}

/// Money that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid {
    /// What the provider calls the payment.
    pub provider_payment: String,
    pub amount: Money,
    /// What it was paid with, where it was kept.
    pub method: Option<Method>,
}

/// A card, or whatever else is charged, as the provider knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// What the provider calls the Organization.
    pub customer: String,
    /// What the provider calls the method.
    pub id: String,
    pub shown: ShownMethod,
}

/// What may be shown of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownMethod {
    /// `Visa`
    pub brand: String,
    pub last_four: String,
    /// The month through whose end it is good, where it ends: 2028, 12.
    pub expires: Option<(i32, u32)>,
}

impl ShownMethod {
    /// `Visa ending in 4242`
    pub fn words(&self) -> String {
        if self.last_four.is_empty() {
            self.brand.clone()
        } else {
            format!("{} ending in {}", self.brand, self.last_four)
        }
    }
}

/// A payment by a method that was kept, while nobody is there.
#[derive(Clone, Debug)]
pub struct NewCharge {
    /// Our row. Asked twice with it, the provider charges once.
    pub payment: PaymentId,
    pub customer: String,
    pub method: String,
    pub amount: Money,
    pub description: String,
}

/// What came of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    Paid(Paid),
    /// The bank said no. The reason is for people.
    Declined {
        reason: String,
    },
    /// The provider will say later, by an event or when it is looked at again.
    Pending {
        provider_payment: String,
    },
}

/// Giving money back.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Our row, by its id: asked twice with it, the provider gives back once.
    pub key: String,
    pub provider_payment: String,
    pub amount: Money,
}

/// Why a provider did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It could not be reached, or did not answer in time: whether it did it is not known, and asking again is safe.
    #[error("the provider of payments cannot be reached: {0}")]
    Away(String),
    /// It said no, and will say so again.
    #[error("the provider of payments refused: {0}")]
    Refused(String),
}

/// Something that a provider tells us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The same event keeps its id, however often it is delivered.
    pub id: String,
    pub news: News,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// Our row of the payment.
    Paid {
        payment: PaymentId,
        paid: Paid,
    },
    Declined {
        payment: PaymentId,
        reason: String,
    },
    /// A checkout cannot be paid any more.
    Ended {
        payment: PaymentId,
    },
    /// A method was kept without a payment, on the page that the provider calls so.
    MethodKept {
        session: String,
        method: Method,
    },
    /// Something that does not concern us.
    Other,
}

/// What takes the events of a provider, whichever way they arrive. It stands above this noun, since events settle orders.
pub type Receive = fn(&mut WriteTx<'_>, ProviderKind, &Event) -> Result<(), DbError>;

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Forged {
    #[error("the signature is missing or wrong")]
    Signature,
    #[error("it was signed too long ago")]
    Old,
    #[error("it is not an event")]
    Malformed,
}

/// Why there is no event to act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    #[error(transparent)]
    Forged(#[from] Forged),
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// Takes money.
pub trait Provider: Send + Sync + 'static {
    fn kind(&self) -> ProviderKind;

    /// Has an Organization as a customer from now on, and answers what the provider calls it. Asked twice in the same words, it is one.
    fn create_customer(&self, new: &NewCustomer) -> Result<String, ProviderError>;

    /// Opens a page on which a payment is made.
    fn open_checkout(&self, new: &NewCheckout) -> Result<Checkout, ProviderError>;

    /// How far a checkout has come.
    fn look(&self, session: &str) -> Result<CheckoutState, ProviderError>;

    /// Closes a checkout, so that it cannot be paid any more. Answers how far it had come: one that was paid stays paid.
    fn close_checkout(&self, session: &str) -> Result<CheckoutState, ProviderError>;

    /// Opens a page on which a method is kept for later.
    fn open_method_page(&self, new: &NewMethodPage) -> Result<Checkout, ProviderError>;

    /// How far such a page has come.
    fn look_at_method_page(&self, session: &str) -> Result<MethodPage, ProviderError>;

    /// Forgets a method. One that it does not know any more is forgotten.
    fn forget_method(&self, method: &str) -> Result<(), ProviderError>;

    fn charge(&self, new: &NewCharge) -> Result<Charge, ProviderError>;

    /// What came of a charge, by our row: `None` where the provider never heard of it.
    fn look_at_charge(&self, new: &NewCharge) -> Result<Option<Charge>, ProviderError>;

    /// Gives money back, and answers what the provider calls it.
    fn refund(&self, new: &NewRefund) -> Result<String, ProviderError>;

    /// Reads an event that arrived by HTTP: the value of its signature header, and its body. Where the event does not say all that
    /// there is to know, the provider is asked for the rest.
    fn read_event(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError>;

    /// The sites that its pages stand on, other than this portal: a form that leads there must be allowed to.
    fn page_sites(&self) -> Vec<String> {
        Vec::new()
    }
}
