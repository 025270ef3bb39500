//! Connections to PostgreSQL, with limits on how long anything may take.

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, ConnectionError, ConnectionResult, PgConnection};

/// What the connection is told before it is made, where the URL does not say it: two seconds to connect, five for what was sent to
/// be acknowledged, and to notice within half a minute that the other side is gone although nothing is sent.
const CONNECTION: [(&str, &str); 6] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "5000"),
    ("keepalives", "1"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
];

/// What the server is told once the connection is made, where the URL does not say it. A lock is waited for a little shorter than a
/// request may take; who holds locks and has gone silent loses them.
const SERVER: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "2s"), ("idle_in_transaction_session_timeout", "60s")];

/// Errors come in the words by which `error.rs` knows them, where the server lets us choose.
const IN_ENGLISH: &str = "DO $$ BEGIN SET lc_messages TO 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// The URL with the limits that it does not set itself.
fn with_limits(url: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut query = query.to_owned();
    for (name, value) in CONNECTION {
        if !url::form_urlencoded::parse(query.as_bytes()).any(|(set, _)| set == name) {
            let separator = if query.is_empty() { "" } else { "&" };
            query.push_str(&format!("{separator}{name}={value}"));
        }
    }
    format!("{address}?{query}")
}

/// The statements that limit what the server does. `options` of the URL may set each of them.
pub(super) fn limit_statements(url: &str) -> String {
    let (_, query) = url.split_once('?').unwrap_or((url, ""));
    let options: String = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "options")
        .map(|(_, set)| set)
        .collect();
    let missing = SERVER.iter().filter(|(name, _)| !options.contains(name));
    missing.map(|(name, value)| format!("SET {name} = '{value}';")).collect()
}

pub(super) fn connect(url: &str) -> ConnectionResult<PgConnection> {
    let mut connection = PgConnection::establish(&with_limits(url))?;
    connection
        .batch_execute(&format!("SET TIME ZONE 'UTC'; {} {IN_ENGLISH}", limit_statements(url)))
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_url_says_is_kept_and_the_rest_is_added() {
        let plain = with_limits("postgres://user@host/name");
        assert!(plain.starts_with("postgres://user@host/name?connect_timeout=2&tcp_user_timeout=5000&"), "{plain}");
        let own = with_limits("postgres://one:1,two:2/name?sslmode=require&connect_timeout=9");
        assert!(own.starts_with("postgres://one:1,two:2/name?sslmode=require&connect_timeout=9&tcp_user_"), "{own}");
        assert_eq!(own.matches("connect_timeout").count(), 1);
        let own = limit_statements("postgres://host/name?options=-c%20lock_timeout%3D5s");
        assert!(!own.contains("lock_timeout") && own.contains("SET statement_timeout = '30s'"), "{own}");
    }
}
