//! `portico serve`: the portal in production.

use std::time::{Duration, Instant};

use actix_web::web;

use super::migrate::migrate;
use super::{CliError, adopt_key, in_database, listen, listen_for_pages, log};
use crate::app::App;
use crate::config::{Config, ServeArgs};
use crate::db::{DatabaseUrl, Db, DbError, Served};
use crate::people::directory;
use crate::server;
use crate::time::Clock;

/// How often a database that is not there yet is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

pub(super) fn run(args: &ServeArgs) -> Result<(), CliError> {
    let _log = log::start(&args.log)?;
    let config = Config::production(args)?;
    if let Some(problem) = config.missing_proxy() {
        tracing::warn!("{problem}");
    }
    for path in args.secret_key.exposed() {
        tracing::warn!(path = %path.display(), "everybody on this machine can read the secret key");
    }
    let backend = args.mail.parse()?;
    let url = args.database.parse()?;
    let _served = Served::claim(&url).map_err(in_database(&url))?;
    let db = connect_when_there(&url, &config, Duration::from_secs(args.resources.database_wait.into()))?;
    for name in migrate(&db)? {
        tracing::info!(name, "migration applied");
    }
    let unknown = db.unknown_migrations().map_err(in_database(&url))?;
    if !unknown.is_empty() {
        tracing::warn!(?unknown, "the database is newer than this program: a later release has been here");
    }
    let (listeners, address) = listen_for_pages(args.listen.listen)?;
    let app = web::Data::new(App::new(config, db, Clock::System, backend));
    adopt_key(&app)?;
    directory::complete(&app.db, &app.context).map_err(in_database(&url))?;
    let announcement = format!("Portico listens on http://{address} for {}", app.config.public_url);
    let listen_for_metrics = |address| listen(address, "--metrics-listen (PORTICO_METRICS_LISTEN)");
    let metrics = args.metrics.metrics_listen.map(listen_for_metrics).transpose()?.map(|(listener, _)| listener);
    Ok(server::run(app, listeners, metrics, || log::say(&announcement))?)
}

/// Connects, and waits for a server that starts at the same time as this process.
fn connect_when_there(url: &DatabaseUrl, config: &Config, wait: Duration) -> Result<Db, CliError> {
    let started = Instant::now();
    loop {
        match Db::connect_within(url, config.connections, config.database_time_limit) {
            Err(DbError::Unreachable(why))
                if matches!(url, DatabaseUrl::Postgresql(_)) && started.elapsed() + ASK_AGAIN < wait =>
            {
                tracing::warn!(why, "waiting for the database");
                std::thread::park_timeout(ASK_AGAIN);
            }
            outcome => return outcome.map_err(in_database(url)),
        }
    }
}
