//! `portico demo`: everything on one SQLite file.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

use actix_web::web;
use url::Url;

use super::migrate::migrate;
use super::{CliError, adopt_key, connect, in_database, listen_for_pages, log};
use crate::app::App;
use crate::config::{Config, DemoArgs};
use crate::db::{DatabaseUrl, Served};
use crate::demo;
use crate::demo_accounts::{CREDIT_VOUCHER, DEMO_ACCOUNTS, DEMO_PASSWORD, LICENCE_VOUCHER};
use crate::mail::Backend;
use crate::people::directory;
use crate::secrets::SecretKey;
use crate::server;
use crate::time::Clock;

pub(super) fn run(args: &DemoArgs) -> Result<(), CliError> {
    let _log = log::start(&args.log)?;
    let in_data = |error| CliError::Data { path: args.data.clone(), error };
    create_private_folder(&args.data).map_err(in_data)?;
    let secret_key = kept_secret_key(&args.data.join("secret.key"))?;
    let url = DatabaseUrl::Sqlite(args.data.join("portico.db"));
    let (listeners, address) = listen_for_pages(args.listen.listen)?;
    let here = own_url(address);
    let public_url = Url::parse(&here).map_err(|error| io::Error::other(error.to_string()))?;
    let config = Config::demo(args, &public_url, secret_key)?;
    let _served = Served::claim(&url).map_err(in_database(&url))?;
    let db = connect(&url, config.connections)?;
    migrate(&db)?;
    let app = web::Data::new(App::new(config, db, Clock::System, Backend::Mailbox));
    adopt_key(&app)?;
    demo::seed(&app).map_err(CliError::Seed)?;
    directory::complete(&app.db, &app.context).map_err(in_database(app.db.url()))?;
    let announcement = announcement(&here, &args.data);
    Ok(server::run(app, listeners, None, || log::say(&announcement))?)
}

/// Nobody else on the machine is to read what is in it.
fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Where a browser on this machine finds the demo.
fn own_url(address: SocketAddr) -> String {
    let host = match address {
        _ if address.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    format!("http://{host}:{}", address.port())
}

/// The last thing that is printed: what somebody needs who has just started it.
fn announcement(here: &str, data: &Path) -> String {
    let accounts = DEMO_ACCOUNTS.iter().map(|account| format!("  {:<24} {}", account.email, account.label));
    let accounts: Vec<String> = accounts.collect();
    format!(
        "\nPortico demo: {here}\nSent mail:    {here}/dev/mailbox\nSign in as:\n{}\nPassword:     {DEMO_PASSWORD} (of all of them)\n\
         Vouchers:     {LICENCE_VOUCHER} (a licence), {CREDIT_VOUCHER} (credits)\n\
         Data:         {} (kept until the next start)\nStop:         Ctrl+C\n",
        accounts.join("\n"),
        data.display(),
    )
}

/// The key of the demo, made at its first start.
fn kept_secret_key(path: &Path) -> Result<SecretKey, CliError> {
    let failed = |error| CliError::File { path: path.to_owned(), error };
    match fs::read_to_string(path) {
        Ok(text) => {
            SecretKey::new(text.trim()).map_err(|why| failed(io::Error::other(format!("the key in this file {why}"))))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = SecretKey::generate();
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(path).and_then(|mut file| file.write_all(text.as_bytes())).map_err(failed)?;
            SecretKey::new(&text).map_err(|why| failed(io::Error::other(format!("the new key {why}"))))
        }
        Err(error) => Err(failed(error)),
    }
}
