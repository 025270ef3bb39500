//! What Stripe can be asked for.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Stripe;
use super::client::{Failure, Fields};
use super::reasons::{is_declined, reason};
use super::shapes::{Anything, CHECKOUT, Customer, Intent, Named, ORGANIZATION, PAYMENT, Page, Refund, Session, Setup};
use crate::payments::provider::{
    Charge, Checkout, CheckoutState, Event, EventError, MethodPage, NewCharge, NewCheckout, NewCustomer, NewMethodPage,
    NewRefund, Paid, Provider, ProviderError, ProviderKind,
};
use crate::secrets::digest;
use crate::time::Timestamp;

/// How many pages of a customer's payments are looked through for one, a hundred each.
const MOST_PAGES: usize = 5;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What does not stand for itself in an address. Ids have underscores.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// An id in an address, of which it stays one part whatever it is.
fn in_path(id: &str) -> String {
    utf8_percent_encode(id, ENCODED).to_string()
}

impl Stripe {
    fn session(&self, id: &str) -> Result<Session, ProviderError> {
        let expand = "expand%5B%5D=payment_intent.payment_method&expand%5B%5D=setup_intent.payment_method";
        Ok(self.client.get(&format!("/v1/checkout/sessions/{}?{expand}", in_path(id)))?)
    }

    fn opened(session: Session) -> Result<Checkout, ProviderError> {
        let Session { id, url, .. } = session;
        let url = url.ok_or_else(|| ProviderError::Refused("the page has no address".to_owned()))?;
        Ok(Checkout { session: id, url })
    }

    fn state(session: Session) -> Result<CheckoutState, ProviderError> {
        let is_paid = session.payment_status.as_deref() == Some("paid");
        match session.status.as_deref() {
            Some("complete") if is_paid => {
                let customer = session.customer().map(str::to_owned);
                let intent = session.payment_intent.and_then(Named::whole);
                let missing = || ProviderError::Refused("the page was paid without a payment".to_owned());
                paid(&intent.ok_or_else(missing)?, customer.as_deref()).map(CheckoutState::Paid)
            }
            // What is complete and not paid yet is on its way.
            Some("open" | "complete") => Ok(CheckoutState::Open { url: session.url.unwrap_or_default() }),
            _ => Ok(CheckoutState::Ended),
        }
    }
}

pub(super) fn paid(intent: &Intent, customer: Option<&str>) -> Result<Paid, ProviderError> {
    let method = intent.kept(customer);
    Ok(Paid { provider_payment: intent.id.clone(), amount: intent.amount()?, method })
}

fn charge(intent: &Intent) -> Result<Charge, ProviderError> {
    Ok(match intent.status.as_str() {
        "succeeded" => Charge::Paid(paid(intent, None)?),
        "processing" | "requires_capture" => Charge::Pending { provider_payment: intent.id.clone() },
        "requires_action" => {
            let reason = "The bank asks the cardholder to confirm this payment. Pay it on the payment page.".to_owned();
            Charge::Declined { reason }
        }
        _ => Charge::Declined { reason: reason(intent.last_payment_error.as_ref()) },
    })
}

impl Provider for Stripe {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Stripe
    }

    fn create_customer(&self, new: &NewCustomer) -> Result<String, ProviderError> {
        let organization = new.organization.as_str();
        let organization_field = format!("metadata[{ORGANIZATION}]");
        let form = fields(&[("name", &new.name), ("email", &new.email), (&organization_field, organization)]);
        // Stripe takes the same key only with the same words, and another colleague has another address.
        let once = format!("customer {organization} {}", digest(&format!("{}\n{}", new.name, new.email)));
        let Customer { id } = self.client.post("/v1/customers", &form, Some(&once))?;
        Ok(id)
    }

    fn open_checkout(&self, new: &NewCheckout) -> Result<Checkout, ProviderError> {
        let (payment, organization) = (new.payment.as_str(), new.organization.as_str());
        let (amount, currency) = (new.amount.minor.to_string(), new.amount.currency.code().to_ascii_lowercase());
        let mut form = fields(&[
            ("mode", "payment"),
            ("customer", &new.customer),
            ("client_reference_id", payment),
            ("success_url", &new.success_url),
            ("cancel_url", &new.cancel_url),
            ("payment_method_types[0]", "card"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", &currency),
            ("line_items[0][price_data][unit_amount]", &amount),
            ("line_items[0][price_data][product_data][name]", &new.description),
            (&format!("metadata[{PAYMENT}]"), payment),
            (&format!("metadata[{ORGANIZATION}]"), organization),
            ("payment_intent_data[description]", &new.description),
            (&format!("payment_intent_data[metadata][{PAYMENT}]"), payment),
            (&format!("payment_intent_data[metadata][{ORGANIZATION}]"), organization),
            (&format!("payment_intent_data[metadata][{CHECKOUT}]"), "yes"),
        ]);
        if new.keeps_method {
            form.extend(fields(&[("payment_intent_data[setup_future_usage]", "off_session")]));
        }
        let once = format!("checkout {payment}");
        Self::opened(self.client.post("/v1/checkout/sessions", &form, Some(&once))?)
    }

    fn look(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        Self::state(self.session(session)?)
    }

    fn close_checkout(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        let path = format!("/v1/checkout/sessions/{}/expire", in_path(session));
        match self.client.post::<Anything>(&path, &Fields::new(), None) {
            // One that is not open any more cannot be closed, and says so.
            Ok(_) | Err(Failure::Said(_)) => self.look(session),
            Err(away) => Err(away.into()),
        }
    }

    fn open_method_page(&self, new: &NewMethodPage) -> Result<Checkout, ProviderError> {
        let form = fields(&[
            ("mode", "setup"),
            ("customer", &new.customer),
            ("success_url", &new.success_url),
            ("cancel_url", &new.cancel_url),
            ("payment_method_types[0]", "card"),
            (&format!("metadata[{ORGANIZATION}]"), new.organization.as_str()),
            (&format!("setup_intent_data[metadata][{ORGANIZATION}]"), new.organization.as_str()),
        ]);
        Self::opened(self.client.post("/v1/checkout/sessions", &form, None)?)
    }

    fn look_at_method_page(&self, session: &str) -> Result<MethodPage, ProviderError> {
        let session = self.session(session)?;
        match session.status.as_deref() {
            Some("open") => Ok(MethodPage::Open),
            Some("complete") => {
                let customer = session.customer().map(str::to_owned);
                let setup = session.setup_intent.and_then(Named::whole);
                let card = setup.and_then(|Setup { payment_method }| payment_method?.whole());
                let missing = || ProviderError::Refused("the page was completed and nothing was kept".to_owned());
                let (card, customer) = card.zip(customer).ok_or_else(missing)?;
                Ok(MethodPage::Kept(card.method(&customer)))
            }
            _ => Ok(MethodPage::Ended),
        }
    }

    fn forget_method(&self, method: &str) -> Result<(), ProviderError> {
        let path = format!("/v1/payment_methods/{}/detach", in_path(method));
        match self.client.post::<Anything>(&path, &Fields::new(), None) {
            Ok(_) => Ok(()),
            // It is not there, or belongs to nobody.
            Err(Failure::Said(error)) if matches!(error.status, 400 | 404) => Ok(()),
            Err(failure) => Err(failure.into()),
        }
    }

    fn charge(&self, new: &NewCharge) -> Result<Charge, ProviderError> {
        let (payment, currency) = (new.payment.as_str(), new.amount.currency.code().to_ascii_lowercase());
        let form = fields(&[
            ("amount", &new.amount.minor.to_string()),
            ("currency", &currency),
            ("customer", &new.customer),
            ("payment_method", &new.method),
            ("payment_method_types[0]", "card"),
            ("off_session", "true"),
            ("confirm", "true"),
            ("description", &new.description),
            (&format!("metadata[{PAYMENT}]"), payment),
        ]);
        match self.client.post::<Intent>("/v1/payment_intents", &form, Some(payment)) {
            Ok(intent) => charge(&intent),
            Err(Failure::Said(error)) if is_declined(&error) => Ok(Charge::Declined { reason: reason(Some(&error)) }),
            Err(failure) => Err(failure.into()),
        }
    }

    fn look_at_charge(&self, new: &NewCharge) -> Result<Option<Charge>, ProviderError> {
        let mut after = String::new();
        for _ in 0..MOST_PAGES {
            let query = format!("customer={}&limit=100{after}", in_path(&new.customer));
            let page: Page<Intent> = self.client.get(&format!("/v1/payment_intents?{query}"))?;
            if let Some(intent) = page.data.iter().find(|intent| intent.payment().as_ref() == Some(&new.payment)) {
                return charge(intent).map(Some);
            }
            let Some(last) = page.data.last().filter(|_| page.has_more) else { break };
            after = format!("&starting_after={}", in_path(&last.id));
        }
        Ok(None)
    }

    fn refund(&self, new: &NewRefund) -> Result<String, ProviderError> {
        let form = fields(&[
            ("payment_intent", &new.provider_payment),
            ("amount", &new.amount.minor.to_string()),
            ("metadata[refund]", &new.key),
        ]);
        let Refund { id, status } = self.client.post("/v1/refunds", &form, Some(&new.key))?;
        match status.as_deref() {
            Some("failed" | "canceled") => {
                Err(ProviderError::Refused("the bank does not take the money back".to_owned()))
            }
            _ => Ok(id),
        }
    }

    fn read_event(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError> {
        self.event(signature, body, now)
    }

    fn page_sites(&self) -> Vec<String> {
        self.page_sites.clone()
    }
}
