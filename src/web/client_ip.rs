//! Which IP address a request came from.

use std::net::IpAddr;

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
    let mut client = peer;
    for hop in forwarded.iter().rev() {
        let Ok(ip) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = ip.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    client.to_string()
}

/// The network of the client, for limits.
pub fn client_network(request: &HttpRequest, config: &Config) -> String {
    network_of(&client_ip(request, config))
}
