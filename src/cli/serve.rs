//! `portico serve`: the portal in production.

use actix_web::web;

use super::migrate::migrate;
use super::{CliError, adopt_key, connect, database_error, listen, log};
use crate::app::App;
use crate::config::{Config, ServeArgs};
use crate::people::directory;
use crate::server;
use crate::time::Clock;

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
    let db = connect(&url, config.connections)?;
    for name in migrate(&db)? {
        tracing::info!(name, "migration applied");
    }
    let (listener, address) = listen(args.listen.listen)?;
    let app = web::Data::new(App::new(config, db, Clock::System, backend));
    adopt_key(&app)?;
    directory::complete(&app.db, &app.context).map_err(database_error(&app))?;
    let announcement = format!("Portico listens on http://{address} for {}", app.config.public_url);
    let metrics = args.metrics.metrics_listen.map(listen).transpose()?.map(|(listener, _)| listener);
    Ok(server::run(app, listener, metrics, || log::say(&announcement))?)
}
