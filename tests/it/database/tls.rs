//! A build without TLS to PostgreSQL refuses clearly where it is asked for. What one with the feature `postgres-tls` does is in
//! `tests/tls`.

use portico::db::{DatabaseUrl, Db};

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_build_without_tls_says_so_where_tls_is_asked_for() {
    let url = format!("{}?sslmode=require", crate::support::postgresql_cluster().url("postgres"));
    let error = match Db::connect(&DatabaseUrl::Postgresql(url), 1) {
        Ok(_) => panic!("a connection that must not be made"),
        Err(error) => error.to_string(),
    };
    assert!(error.contains("sslmode value \"require\" invalid when SSL support is not compiled in"), "{error}");
}
