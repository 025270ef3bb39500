//! Whether what is said to PostgreSQL can be read on the way.

use std::net::IpAddr;

/// The host of a PostgreSQL URL to which the connection would go without verified TLS, if it goes to another machine.
pub(super) fn unprotected_host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let parameters = || url::form_urlencoded::parse(query.as_bytes());
    // The last one counts, as for libpq.
    let mode = parameters().filter(|(name, _)| name == "sslmode").last();
    if mode.is_some_and(|(_, mode)| mode == "verify-full") {
        return None;
    }
    let authority = before.split('/').next().unwrap_or_default();
    let hosts = authority.rsplit('@').next().unwrap_or_default().split(',').map(without_port);
    let named = parameters().filter(|(name, _)| matches!(&**name, "host" | "hostaddr"));
    let named: Vec<String> =
        named.flat_map(|(_, hosts)| hosts.split(',').map(str::to_owned).collect::<Vec<_>>()).collect();
    hosts.chain(named).find(|host| is_elsewhere(host))
}

fn without_port(host: &str) -> String {
    let host = percent_encoding::percent_decode_str(host).decode_utf8_lossy();
    let address = host.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(address, _)| address);
    address.unwrap_or_else(|| host.split(':').next().unwrap_or_default()).to_owned()
}

/// Not by a socket, and not on this machine.
fn is_elsewhere(host: &str) -> bool {
    let is_socket = host.is_empty() || host.starts_with(['/', '@']);
    !is_socket && host != "localhost" && !host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_to_other_machines_are_told_from_those_on_this_one() {
        for url in [
            "postgres:///portico",
            "postgres://portico:s%40cret@localhost/portico",
            "postgresql://127.0.0.1:5433/portico?sslmode=disable",
            "postgres://[::1]/portico",
            "postgres://portico@/portico?host=/run/postgresql",
            "postgres://%2Frun%2Fpostgresql/portico",
            "postgres://portico@db.example.com/portico?sslmode=verify-full&sslrootcert=system",
        ] {
            assert_eq!(unprotected_host(url), None, "{url}");
        }
        for (url, host) in [
            ("postgres://portico:s@db.example.com:5432/portico", "db.example.com"),
            ("postgres://db/portico?sslmode=require", "db"),
            ("postgres://db?sslmode=verify-full&sslmode=disable", "db"),
            ("postgres://localhost,10.0.0.7:5433/portico", "10.0.0.7"),
            ("postgres://localhost/portico?host=db.internal", "db.internal"),
            ("postgres://[2001:db8::1]:5432/portico", "2001:db8::1"),
        ] {
            assert_eq!(unprotected_host(url).as_deref(), Some(host), "{url}");
        }
    }
}
