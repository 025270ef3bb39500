//! Which IP address a request came from.

use std::net::{IpAddr, SocketAddr};
use std::sync::Once;

use actix_web::HttpRequest;

use crate::config::Config;
use crate::network::network_of;

/// The IP address of the client: the peer's, or what a trusted proxy says of it. `X-Forwarded-For` is read from the right, as far
/// as the proxies are trusted; what stands further left anybody may have written.
pub fn client_ip(request: &HttpRequest, config: &Config) -> String {
    let Some(peer) = request.peer_addr().map(|peer| peer.ip().to_canonical()) else {
        return String::new();
    };
    let is_trusted = |ip: &IpAddr| config.trusted_proxies.iter().any(|network| network.contains(ip));
    if !is_trusted(&peer) {
        return peer.to_string();
    }
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("X-Forwarded-For")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    if forwarded.last().and_then(|hop| ip_of(hop)).is_none() {
        warn_once(peer);
    }
    let mut client = peer;
    for hop in forwarded.iter().rev() {
        let Some(ip) = ip_of(hop) else {
            break;
        };
        client = ip.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client.to_string()
}

/// The address in `203.0.113.5`, `203.0.113.5:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
fn ip_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Everybody behind such a proxy shares the limits of one address.
fn warn_once(proxy: IpAddr) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing::warn!(%proxy, "a trusted proxy says nothing usable in X-Forwarded-For: its own address counts as the client's");
    });
}

/// The network of the client, for limits.
pub fn client_network(request: &HttpRequest, config: &Config) -> String {
    network_of(&client_ip(request, config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_may_have_a_port() {
        for (hop, ip) in [
            (" 203.0.113.5", "203.0.113.5"),
            ("203.0.113.5:4711", "203.0.113.5"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
        ] {
            assert_eq!(ip_of(hop), ip.parse().ok(), "{hop}");
        }
        for hop in ["", "unknown", "203.0.113.5:", "203.0.113.5:99999", "[203.0.113.5", "[x]:1"] {
            assert_eq!(ip_of(hop), None, "{hop}");
        }
    }
}
