//! Networks, for limits.

use std::net::IpAddr;

/// The network that an IP address belongs to: one IPv4 address, or the /64 that an IPv6 customer gets.
pub fn network_of(ip: &str) -> String {
    prefix(ip, 4).unwrap_or_else(|| ip.to_owned())
}

/// The network that somebody may hold many such networks of: an IPv6 /48. Of IPv4 an address is as rare as that.
pub fn wide_network_of(ip: &str) -> String {
    prefix(ip, 3).unwrap_or_else(|| ip.to_owned())
}

/// The first parts of an IPv6 address, of 16 bits each.
fn prefix(ip: &str, parts: usize) -> Option<String> {
    let Ok(IpAddr::V6(ip)) = ip.parse() else { return None };
    let parts: Vec<String> = ip.segments()[..parts].iter().map(|part| format!("{part:x}")).collect();
    Some(format!("{}::/{}", parts.join(":"), 16 * parts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_a_network_and_to_a_wide_one() {
        let ip = "2001:0db8:0001:0002:ffff::1";
        assert_eq!((&*network_of(ip), &*wide_network_of(ip)), ("2001:db8:1:2::/64", "2001:db8:1::/48"));
        assert_eq!((&*network_of("192.0.2.1"), &*wide_network_of("192.0.2.1")), ("192.0.2.1", "192.0.2.1"));
    }
}
