//! How the server is reached.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

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
    /// Addresses and networks whose `X-Forwarded-For` is believed, separated by commas.
    #[arg(
        long,
        env = "PORTICO_TRUSTED_PROXIES",
        default_value = "",
        value_name = "NETWORKS",
        hide_default_value = true
    )]
    pub trusted_proxies: Networks,
    /// When told to stop, so many seconds pass in which `/readyz` says no and requests are still taken.
    #[arg(long, env = "PORTICO_STOP_DELAY", default_value_t = 5, value_name = "SECONDS")]
    pub stop_delay: u64,
}

/// A list of networks; an address alone is a network of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = |part: &str| {
            let address = part.parse::<IpAddr>().map(IpNet::from);
            address.or_else(|_| part.parse()).map_err(|_| format!("“{part}” is no network like 10.0.0.0/8 or address"))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect::<Result<_, _>>().map(Self)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_as_people_write_them() {
        let read = |text: &str| text.parse::<Networks>().map(|networks| networks.0);
        let expected: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "192.0.2.7/32".parse().unwrap()];
        assert_eq!(read("10.0.0.0/8, 192.0.2.7,"), Ok(expected));
        assert_eq!(read("2001:db8::1"), Ok(vec!["2001:db8::1/128".parse().unwrap()]));
        assert_eq!(read(""), Ok(Vec::new()));
        for text in ["10.0.0.0/99", "proxy", "10.0.0.1:80", "10.0.0.0/8;10.1.0.0/16"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
