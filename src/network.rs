//! Networks, for limits.

use std::net::IpAddr;

/// The network that an IP address belongs to: one IPv4 address, or the /64 that an IPv6 customer gets.
pub fn network_of(ip: &str) -> String {
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => ip.to_owned(),
    }
}
