//! Who takes the money.

use clap::Args;
use url::{Host, Url};

use crate::config::ConfigError;
use crate::payments::provider::ProviderKind;
use crate::payments::stripe::{Account, CHECKOUT_SITE};
use crate::secrets::Secret;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Payments")]
pub struct PaymentArgs {
    /// Who takes payments: `stripe`, or `sandbox`, which takes no money. Where neither is named, nothing can be bought.
    #[arg(long, env = "PORTICO_PAYMENTS", value_name = "PROVIDER", value_parser = provider)]
    pub payments: Option<ProviderKind>,
    /// The secret key of the account at Stripe, or a restricted one: see docs/payments.md.
    #[arg(long, env = "PORTICO_STRIPE_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub stripe_secret_key: Option<String>,
    /// What Stripe signs its events with: the secret of the endpoint at `/hooks/stripe`, or several while one is replaced,
    /// separated by commas.
    #[arg(long, env = "PORTICO_STRIPE_WEBHOOK_SECRET", value_name = "SECRETS", hide_env_values = true)]
    pub stripe_webhook_secret: Option<String>,
    /// Where Stripe is asked, for tests against something that behaves like it. Stripe itself unless it is set.
    #[arg(long, env = "PORTICO_STRIPE_API_BASE", value_name = "URL")]
    pub stripe_api_base: Option<Url>,
    /// The site that the payment pages of the account stand on, where it has a domain of its own for them.
    #[arg(long, env = "PORTICO_STRIPE_CHECKOUT_SITE", value_name = "URL")]
    pub stripe_checkout_site: Option<Url>,
}

const STRIPE_API: &str = "https://api.stripe.com";

/// Who takes payments, with all that it needs.
#[derive(Clone, Debug)]
pub enum PaymentSettings {
    Sandbox,
    Stripe(Account),
}

fn provider(text: &str) -> Result<ProviderKind, String> {
    text.parse().map_err(|_| "it must be stripe or sandbox".to_owned())
}

impl PaymentArgs {
    /// Nothing where no provider is named: then nothing can be bought.
    pub(super) fn settings(&self) -> Result<Option<PaymentSettings>, ConfigError> {
        match self.payments {
            None => Ok(None),
            Some(ProviderKind::Sandbox) => Ok(Some(PaymentSettings::Sandbox)),
            Some(ProviderKind::Stripe) => Ok(Some(PaymentSettings::Stripe(self.stripe()?))),
        }
    }

    fn stripe(&self) -> Result<Account, ConfigError> {
        let set =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let secret_key = set(&self.stripe_secret_key).ok_or(ConfigError::NoStripeKey)?;
        let secrets = set(&self.stripe_webhook_secret).ok_or(ConfigError::NoStripeWebhookSecret)?;
        let webhook_secrets = secrets.split(',').map(str::trim).filter(|text| !text.is_empty()).map(Secret::presented);
        let default = || Url::parse(STRIPE_API).expect("an address written in the program");
        let api_base = self.stripe_api_base.clone().unwrap_or_else(default);
        if !is_safe(&api_base) {
            return Err(ConfigError::StripeApiBase(api_base));
        }
        let mut page_sites = vec![CHECKOUT_SITE.to_owned()];
        if let Some(site) = &self.stripe_checkout_site {
            if !is_safe(site) {
                return Err(ConfigError::StripeCheckoutSite(site.clone()));
            }
            page_sites.push(site.origin().ascii_serialization());
        }
        // What behaves like Stripe has its pages beside its interface.
        if self.stripe_api_base.is_some() {
            page_sites.push(api_base.origin().ascii_serialization());
        }
        Ok(Account {
            secret_key: Secret::presented(&secret_key),
            webhook_secrets: webhook_secrets.collect(),
            api_base,
            page_sites,
        })
    }
}

/// Whether a secret key may be sent there: by TLS, or to this very machine.
fn is_safe(base: &Url) -> bool {
    let is_here = match base.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match base.scheme() {
        "https" => base.host().is_some(),
        "http" => is_here,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_stripe_goes_over_tls_or_stays_on_this_machine() {
        for (base, safe) in [
            ("https://api.stripe.com", true),
            ("http://127.0.0.1:4000", true),
            ("http://[::1]:4000", true),
            ("http://localhost:4000", true),
            ("http://api.stripe.com", false),
            ("http://10.0.0.7", false),
            ("http://localhost.example.com", false),
            ("ftp://127.0.0.1", false),
        ] {
            assert_eq!(is_safe(&Url::parse(base).expect("an address")), safe, "{base}");
        }
    }
}
