//! Stripe: Checkout Sessions for what people pay on a page, PaymentIntents for what is charged while nobody is there, refunds, and
//! events that arrive signed.
//!
//! * Each object that is made carries the ids of our rows as metadata, and is made under an `Idempotency-Key` that follows from them.
//! * An event says only that something has become of an object: what that is, is asked for. So an old event tells nothing old.
//! * Amounts are in minor units of their currency, as here.

mod client;
mod events;
mod provider;
mod reasons;
mod shapes;

use url::Url;

use crate::secrets::Secret;
use client::Client;

/// Where its pages stand, unless the account has a domain of its own for them.
pub const CHECKOUT_SITE: &str = "https://checkout.stripe.com";

/// How an account at Stripe is reached.
#[derive(Clone, Debug)]
pub struct Account {
    pub secret_key: Secret,
    /// What events are signed with; several while one is replaced.
    pub webhook_secrets: Vec<Secret>,
    pub api_base: Url,
    /// The sites that its pages stand on.
    pub page_sites: Vec<String>,
}

/// The provider.
pub struct Stripe {
    client: Client,
    webhook_secrets: Vec<Secret>,
    page_sites: Vec<String>,
}

impl Stripe {
    pub fn new(account: Account) -> Self {
        let Account { secret_key, webhook_secrets, api_base, page_sites } = account;
        Self { client: Client::new(&api_base, secret_key), webhook_secrets, page_sites }
    }
}
