//! TLS on the connection to PostgreSQL, with the feature `postgres-tls`. A binary of its own: that feature builds everything again
//! that knows of databases, and of the other tests none would find anything new.

#[path = "../it/support/postgresql.rs"]
#[allow(dead_code, reason = "the other tests share one cluster")]
mod postgresql;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use diesel::prelude::*;
use portico::db::{Connection, DatabaseUrl, Db, DbError};

use postgresql::Cluster;

/// A cluster that offers TLS, with a certificate for 127.0.0.1.
struct TlsCluster {
    cluster: Cluster,
    /// What a client is to trust.
    certificate: PathBuf,
    /// Another one, which the server does not have.
    other_certificate: PathBuf,
    _folder: tempfile::TempDir,
}

impl TlsCluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let make = |name: &str| {
            let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
            let path = folder.path().join(name);
            std::fs::write(&path, made.cert.pem()).expect("a file");
            (path, made.cert.pem(), made.signing_key.serialize_pem())
        };
        let (certificate, pem, key) = make("certificate");
        let (other_certificate, ..) = make("other");
        let cluster = Cluster::start_with(|data| {
            for (name, content) in [("server.crt", &pem), ("server.key", &key)] {
                let path = data.join(name);
                std::fs::write(&path, content).expect("a file");
                // The server reads its key only where nobody else can.
                for program in [["chmod", "0600"], ["chown", "postgres"]] {
                    let _ = Command::new(program[0]).arg(program[1]).arg(&path).stderr(Stdio::null()).status();
                }
            }
            let file = |name: &str| data.join(name).display().to_string();
            vec![
                "ssl=on".to_owned(),
                format!("ssl_cert_file={}", file("server.crt")),
                format!("ssl_key_file={}", file("server.key")),
            ]
        });
        let cluster = cluster.expect("PostgreSQL starts with TLS");
        Self { cluster, certificate, other_certificate, _folder: folder }
    }

    fn url(&self, authority: &Path) -> String {
        format!("{}?sslmode=verify-full&sslrootcert={}", self.cluster.url("postgres"), authority.display())
    }
}

fn refusal(url: String) -> String {
    match Db::connect(&DatabaseUrl::Postgresql(url), 1) {
        Ok(_) => panic!("a connection that must not be made"),
        Err(error) => error.to_string(),
    }
}

#[derive(QueryableByName)]
struct Encrypted {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    ssl: bool,
}

#[test]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
fn a_connection_is_encrypted_and_the_server_is_who_it_says() {
    let cluster = TlsCluster::start();
    let url = cluster.url(&cluster.certificate);
    let db = Db::connect(&DatabaseUrl::Postgresql(url.clone()), 1).expect("it connects");
    let encrypted = db.read::<_, DbError>(|connection| {
        let Connection::Postgresql(postgresql) = connection else { panic!("this is PostgreSQL") };
        let query = diesel::sql_query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        Ok(query.get_result::<Encrypted>(postgresql)?.ssl)
    });
    assert!(encrypted.expect("the server says how the connection is"));

    let error = refusal(cluster.url(&cluster.other_certificate));
    assert!(error.contains("certificate verify failed"), "{error}");

    // The same server by a name that its certificate does not have.
    let error = refusal(format!("{url}&host=db.internal&hostaddr=127.0.0.1"));
    assert!(error.contains("does not match host name \"db.internal\""), "{error}");
}
