//! Payments of the sandbox.

use portico::ids::PaymentId;
use portico::money::{Currency, Money};
use portico::payments::provider::{NewCheckout, Provider};

use super::{Persona, Portal};

/// A checkout of CHF 1,290.00 for a payment that nobody asked for yet, by which a method is kept.
pub fn new_checkout(portal: &Portal) -> NewCheckout {
    let links = &portal.app.context.links;
    NewCheckout {
        payment: PaymentId::new(portal.app.now()),
        organization: portal.scope(Persona::Owner).organization_id().clone(),
        customer: "cus_of_acme".to_owned(),
        amount: Money { minor: 129_000, currency: Currency::Chf },
        description: "Order O-2026-000123".to_owned(),
        keeps_method: true,
        success_url: links.to("/organizations/acme/plans"),
        cancel_url: links.to("/organizations/acme/plans/shop"),
    }
}

impl Portal {
    /// The provider that takes the payments of this portal.
    pub fn provider(&self) -> &dyn Provider {
        &**self.app.payments.as_ref().expect("somebody takes payments").provider()
    }

    /// A page of the sandbox on which something can be paid, by its id.
    pub fn checkout(&self) -> String {
        self.provider().open_checkout(&new_checkout(self)).expect("the sandbox answers").session
    }
}
