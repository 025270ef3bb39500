//! The provider as the portal holds it: each call is written to the log and counted, and those of pages have threads and a time limit.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::provider::{
    Charge, Checkout, CheckoutState, Event, EventError, MethodPage, NewCharge, NewCheckout, NewCustomer, NewMethodPage,
    NewRefund, Provider, ProviderError, ProviderKind,
};
use crate::metrics::counts::COUNTS;
use crate::threads::Threads;
use crate::time::Timestamp;

/// How many calls of pages are made at once. More wait for their turn, three seconds at the most.
const AT_ONCE: usize = 8;
/// How long a page waits for an answer.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// What pages and jobs ask the provider by.
#[derive(Clone)]
pub struct Payments {
    provider: Arc<dyn Provider>,
    /// As they stand in a header, separated by spaces.
    page_sites: Arc<str>,
    threads: Threads<()>,
}

impl Payments {
    pub fn start(provider: impl Provider) -> Self {
        let page_sites = provider.page_sites().join(" ").into();
        Self { provider: Arc::new(Watched(provider)), page_sites, threads: Threads::start("payments", AT_ONCE) }
    }

    pub fn kind(&self) -> ProviderKind {
        self.provider.kind()
    }

    /// The sites that its pages stand on, other than this portal, separated by spaces.
    pub fn page_sites(&self) -> &str {
        &self.page_sites
    }

    /// The provider itself, for jobs, which wait on threads of their own.
    pub fn provider(&self) -> &Arc<dyn Provider> {
        &self.provider
    }

    /// Asks the provider for something, from a page. Where no answer comes in time the call may still do its work: so that nothing
    /// is done twice, what is asked for carries the id of our row.
    pub async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&dyn Provider) -> Result<T, ProviderError> + Send + 'static,
    ) -> Result<T, ProviderError> {
        self.run(ask).await?
    }

    /// Reads an event that arrived, which may need the provider, too.
    pub async fn read_event(&self, signature: String, body: Vec<u8>, now: Timestamp) -> Result<Event, EventError> {
        self.run(move |provider| provider.read_event(&signature, &body, now)).await?
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Provider) -> T + Send + 'static,
    ) -> Result<T, ProviderError> {
        let away = |why: &str| ProviderError::Away(why.to_owned());
        let turn = self.threads.turn().await.map_err(|_| away("too many ask it already"))?;
        let provider = Arc::clone(&self.provider);
        let span = tracing::Span::current();
        let answer = self.threads.run(turn, move |()| span.in_scope(|| work(&*provider)));
        match tokio::time::timeout(TIME_LIMIT, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(away("its thread ended")),
            Err(_) => Err(away("no answer in time")),
        }
    }
}

/// A provider whose calls are written to the log and counted.
struct Watched<P>(P);

impl<P: Provider> Watched<P> {
    fn call<T>(
        &self,
        call: &'static str,
        ask: impl FnOnce(&P) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let begun = Instant::now();
        let answer = ask(&self.0);
        let took = begun.elapsed();
        let outcome = match &answer {
            Ok(_) => "answered",
            Err(ProviderError::Away(_)) => "away",
            Err(ProviderError::Refused(_)) => "refused",
        };
        let provider: &'static str = self.0.kind().into();
        COUNTS.provider_called(call, outcome, took);
        match &answer {
            Ok(_) => tracing::info!(provider, call, ?took, "provider of payments asked"),
            Err(error) => tracing::warn!(provider, call, ?took, %error, "provider of payments asked"),
        }
        answer
    }
}

impl<P: Provider> Provider for Watched<P> {
    fn kind(&self) -> ProviderKind {
        self.0.kind()
    }

    fn create_customer(&self, new: &NewCustomer) -> Result<String, ProviderError> {
        self.call("create_customer", |provider| provider.create_customer(new))
    }

    fn open_checkout(&self, new: &NewCheckout) -> Result<Checkout, ProviderError> {
        self.call("open_checkout", |provider| provider.open_checkout(new))
    }

    fn look(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        self.call("look", |provider| provider.look(session))
    }

    fn close_checkout(&self, session: &str) -> Result<CheckoutState, ProviderError> {
        self.call("close_checkout", |provider| provider.close_checkout(session))
    }

    fn open_method_page(&self, new: &NewMethodPage) -> Result<Checkout, ProviderError> {
        self.call("open_method_page", |provider| provider.open_method_page(new))
    }

    fn look_at_method_page(&self, session: &str) -> Result<MethodPage, ProviderError> {
        self.call("look_at_method_page", |provider| provider.look_at_method_page(session))
    }

    fn forget_method(&self, method: &str) -> Result<(), ProviderError> {
        self.call("forget_method", |provider| provider.forget_method(method))
    }

    fn charge(&self, new: &NewCharge) -> Result<Charge, ProviderError> {
        self.call("charge", |provider| provider.charge(new))
    }

    fn look_at_charge(&self, new: &NewCharge) -> Result<Option<Charge>, ProviderError> {
        self.call("look_at_charge", |provider| provider.look_at_charge(new))
    }

    fn refund(&self, new: &NewRefund) -> Result<String, ProviderError> {
        self.call("refund", |provider| provider.refund(new))
    }

    fn read_event(&self, signature: &str, body: &[u8], now: Timestamp) -> Result<Event, EventError> {
        self.0.read_event(signature, body, now)
    }

    fn page_sites(&self) -> Vec<String> {
        self.0.page_sites()
    }
}
