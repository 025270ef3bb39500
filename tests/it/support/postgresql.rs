//! A throwaway PostgreSQL cluster for the whole test run, and a database of it for each test.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// A running cluster. It ends when the pipe to its watchdog closes, which is when this process ends, however it ends.
pub struct Cluster {
    port: u16,
    server: u32,
    /// Connections that make and drop databases, while nobody does: PostgreSQL starts a process for each.
    idle: Mutex<Vec<PgConnection>>,
    _watchdog: Child,
}

static CLUSTER: LazyLock<Cluster> = LazyLock::new(|| {
    Cluster::start().unwrap_or_else(|why| panic!("PostgreSQL is installed, but does not start: {why}"))
});

/// The cluster, started by the first test that asks. Tests that do are ignored where PostgreSQL is not installed (`build.rs`).
pub fn cluster() -> &'static Cluster {
    &CLUSTER
}

fn find(program: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    folders.sort();
    folders.reverse();
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    folders.into_iter().map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes for it.
fn command(program: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn run(mut command: Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}

impl Cluster {
    /// A cluster of its own, for a test that would disturb others.
    pub fn start() -> Result<Self, String> {
        Self::start_with(|_| Vec::new())
    }

    /// With settings beside the usual ones, for which `prepare` may put files into the folder of the cluster.
    pub fn start_with(prepare: impl FnOnce(&Path) -> Vec<String>) -> Result<Self, String> {
        let initdb = find("initdb").ok_or("PostgreSQL's initdb is not installed")?;
        let server = find("postgres").ok_or("PostgreSQL's server is not installed")?;
        let folder =
            tempfile::Builder::new().prefix("portico-postgresql-").tempdir().map_err(|e| e.to_string())?.keep();
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        // Only there for root; everybody else owns the folder already.
        let _ = Command::new("chown").arg("postgres").arg(&folder).stderr(Stdio::null()).status();
        let data = folder.join("data");
        let mut make = command(&initdb);
        make.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data);
        run(make)?;
        let settings = prepare(&folder);
        let mut serve = command(&server);
        serve
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k"])
            .arg(&folder)
            .args(["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"])
            .args(["-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "logging_collector=off"])
            // Hundreds of databases are made: little is kept of their log.
            .args(["-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "max_wal_size=128MB"])
            // Plans that tests look at must not depend on when it has last counted rows.
            .args(["-c", "autovacuum=off"])
            .args(settings.iter().flat_map(|setting| ["-c", setting.as_str()]));
        let log = std::fs::File::create(folder.join("log")).map_err(|error| error.to_string())?;
        let server = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().map_err(|e| e.to_string())?;
        // The server may still be writing when it is told to end.
        let script = format!(
            "cat >/dev/null; kill -QUIT {}; for try in 1 2 3 4 5; do rm -rf '{}' && break; sleep 1; done",
            server.id(),
            folder.display()
        );
        let watchdog = Command::new("sh")
            .args(["-c", &script])
            // Ctrl-C ends the tests, but not the one that cleans up after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let cluster = Self { port, server: server.id(), idle: Mutex::default(), _watchdog: watchdog };
        cluster.wait()?;
        Ok(cluster)
    }

    fn wait(&self) -> Result<(), String> {
        let mut last = String::new();
        for _ in 0..200 {
            match PgConnection::establish(&self.url("postgres")) {
                Ok(_) => return Ok(()),
                Err(error) => last = error.to_string(),
            }
            std::thread::park_timeout(std::time::Duration::from_millis(50));
        }
        Err(format!("PostgreSQL did not start: {last}"))
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// A statement about databases, on a connection that no test has.
    fn admin(&self, statement: &str) -> Result<(), String> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle().pop();
        let mut connection = match kept {
            Some(connection) => connection,
            None => PgConnection::establish(&self.url("postgres")).map_err(|error| error.to_string())?,
        };
        connection.batch_execute(statement).map_err(|error| format!("{statement}: {error}"))?;
        idle().push(connection);
        Ok(())
    }

    /// Stops the server with all its backends as it stands (`STOP`), while the system goes on acknowledging for them what is sent;
    /// or lets it go on (`CONT`).
    pub fn signal(&self, name: &str) {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.server)).unwrap_or_default();
        let script = format!("kill -{name} {} {children}", self.server);
        // One that ends in between is no matter.
        let _ = Command::new("sh").args(["-c", &script]).stderr(Stdio::null()).status();
    }

    /// A new database, a copy of `template` if one is given. Answers its name.
    pub fn create(&self, template: Option<&str>) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("portico_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        self.admin(&format!("CREATE DATABASE {name}{template}")).expect("the database is made");
        name
    }
}

/// A database of the cluster that all tests share. It goes with its test: hundreds of them would fill a small disk.
pub struct Database {
    pub url: String,
    name: String,
}

impl Database {
    /// One without tables.
    pub fn empty() -> Self {
        let name = cluster().create(None);
        Self { url: cluster().url(&name), name }
    }

    /// A copy of `template`.
    pub fn copy_of(template: &str) -> Self {
        let name = cluster().create(Some(template));
        Self { url: cluster().url(&name), name }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // One that cannot be dropped goes with the cluster.
        let _ = cluster().admin(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
