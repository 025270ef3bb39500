//! TLS on the connection to PostgreSQL: with the feature `postgres-tls`, and the clear refusal without it.

use portico::db::{DatabaseUrl, Db};

fn refusal(url: String) -> String {
    match Db::connect(&DatabaseUrl::Postgresql(url), 1) {
        Ok(_) => panic!("a connection that must not be made"),
        Err(error) => error.to_string(),
    }
}

#[cfg(not(feature = "postgres-tls"))]
#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_build_without_tls_says_so_where_tls_is_asked_for() {
    let cluster = crate::support::postgresql_cluster();
    let url = format!("{}?sslmode=require", cluster.url("postgres"));
    let error = refusal(url);
    assert!(error.contains("sslmode value \"require\" invalid when SSL support is not compiled in"), "{error}");
}

#[cfg(feature = "postgres-tls")]
mod with_the_feature {
    use std::path::Path;

    use diesel::prelude::*;
    use portico::db::{Connection, DbError};

    use super::*;
    use crate::support::TlsCluster;

    #[derive(QueryableByName)]
    struct Encrypted {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        ssl: bool,
    }

    fn url(cluster: &TlsCluster, authority: &Path) -> String {
        format!("{}?sslmode=verify-full&sslrootcert={}", cluster.url("postgres"), authority.display())
    }

    #[test]
    #[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
    fn a_connection_is_encrypted_and_the_server_is_who_it_says() {
        let cluster = TlsCluster::start();
        let db = Db::connect(&DatabaseUrl::Postgresql(url(&cluster, &cluster.certificate)), 1).expect("it connects");
        let encrypted = db.read::<_, DbError>(|connection| {
            let Connection::Postgresql(postgresql) = connection else { panic!("this is PostgreSQL") };
            let query = diesel::sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
            Ok(query.get_result::<Encrypted>(postgresql)?.ssl)
        });
        assert!(encrypted.expect("the server says how the connection is"));

        let error = refusal(url(&cluster, &cluster.other_certificate));
        assert!(error.contains("certificate verify failed"), "{error}");

        // The same server by a name that its certificate does not have.
        let error = refusal(format!("{}&host=db.internal&hostaddr=127.0.0.1", url(&cluster, &cluster.certificate)));
        assert!(error.contains("does not match host name \"db.internal\""), "{error}");
    }
}
