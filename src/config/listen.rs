//! How the server is reached.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use ipnet::IpNet;
use url::Url;

use crate::config::ConfigError;

/// Who may create an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// Anybody.
    Open,
    /// Only people with an invitation.
    Invited,
}

#[derive(Args, Clone, Debug)]
pub struct ListenArgs {
    /// The address to listen on; port 0 picks a free one and prints it.
    #[arg(long, env = "PORTICO_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// The base of links in mails, such as `https://portal.example.com`. The Host header is never used for that.
    #[arg(long, env = "PORTICO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<Url>,
    /// Who can create an account.
    #[arg(long, env = "PORTICO_SIGN_UP", default_value = "open", value_name = "WHO")]
    pub sign_up: SignUp,
    /// Networks whose `X-Forwarded-For` is believed, separated by commas.
    #[arg(long, env = "PORTICO_TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORKS")]
    pub trusted_proxies: Vec<IpNet>,
    /// When told to stop, so many seconds pass in which `/readyz` says no and requests are still taken.
    #[arg(long, env = "PORTICO_STOP_DELAY", default_value_t = 5, value_name = "SECONDS")]
    pub stop_delay: u64,
}

/// The URL without its last slash, if it is an origin and nothing more.
pub(super) fn plain_public_url(url: &Url) -> Result<String, ConfigError> {
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_plain { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(ConfigError::PublicUrl(url.clone())) }
}

/// In production, cookies and links travel encrypted, except on this very machine.
pub(super) fn secure_public_url(url: &Url) -> Result<String, ConfigError> {
    let is_this_machine = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !is_this_machine {
        return Err(ConfigError::InsecurePublicUrl(url.clone()));
    }
    plain_public_url(url)
}
