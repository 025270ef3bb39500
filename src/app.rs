//! The running portal: what every request shares, and the server around it. `main` and the tests both build it here.

use std::net::TcpListener;
use std::time::Duration;

use actix_identity::IdentityMiddleware;
use actix_session::SessionMiddleware;
use actix_session::config::PersistentSession;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Connection, Db, WriteTx};
use crate::mail::{Backend, Delivery, Outbox};
use crate::passwords::Passwords;
use crate::pictures::Pictures;
use crate::routes;
use crate::web::{AppError, check_origin, envelope};

/// Threads a worker has for the database and for passwords. More are slower: they contend, and each keeps a stack.
const BLOCKING_THREADS: usize = 3;
/// How long requests in flight may take when the server stops.
const STOP_WITHIN_SECONDS: u64 = 10;

pub struct App {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub outbox: Outbox,
    pub backend: Backend,
    pub passwords: Passwords,
    pub pictures: Pictures,
}

impl App {
    pub fn new(config: Config, db: Db, clock: Clock, backend: Backend) -> Self {
        let outbox = Outbox::new(&config.secret_key);
        let passwords = Passwords::start(config.password_cost, config.workers);
        Self { config, db, clock, outbox, backend, passwords, pictures: Pictures::start() }
    }

    /// Runs queries that change nothing, on a blocking thread.
    pub async fn read<T, F>(&self, body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, AppError> + Send + 'static,
    {
        let db = self.db.clone();
        web::block(move || db.read(body)).await?
    }

    /// Runs one transaction, on a blocking thread: all of it is stored, or nothing.
    pub async fn write<T, F>(&self, body: F) -> Result<T, AppError>
    where
        T: Send + 'static,
        F: FnOnce(&mut WriteTx<'_>) -> Result<T, AppError> + Send + 'static,
    {
        let (db, clock, outbox) = (self.db.clone(), self.clock.clone(), self.outbox.clone());
        web::block(move || db.write(&clock, &outbox, body)).await?
    }

    /// Runs one transaction on this thread.
    pub fn write_now<T, E: From<crate::db::DbError>>(
        &self,
        body: impl FnOnce(&mut WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.db.write(&self.clock, &self.outbox, body)
    }

    /// What delivers the mails of this portal.
    pub fn delivery(&self) -> Delivery {
        Delivery {
            db: self.db.clone(),
            clock: self.clock.clone(),
            outbox: self.outbox.clone(),
            backend: self.backend.clone(),
        }
    }
}

/// The name of the cookie. With TLS the prefix keeps other hosts of the domain from setting it.
fn cookie_name(config: &Config) -> String {
    if config.is_https() { "__Host-portico".to_owned() } else { "portico".to_owned() }
}

/// The server on a socket that listens already.
///
/// # Errors
/// The socket cannot be used.
pub fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let key = Key::from(&app.config.secret_key.derive::<64>("cookies"));
    let workers = app.config.workers;
    let server = HttpServer::new(move || {
        let config = &app.config;
        let sessions = SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_name(cookie_name(config))
            .cookie_secure(config.is_https())
            .cookie_http_only(true)
            .cookie_same_site(SameSite::Lax)
            .session_lifecycle(PersistentSession::default().session_ttl(actix_web::cookie::time::Duration::days(30)))
            .build();
        let demo = config.demo;
        actix_web::App::new()
            .app_data(app.clone())
            .configure(move |service| routes::table(demo).register(service))
            .wrap(IdentityMiddleware::default())
            .wrap(sessions)
            .wrap(from_fn(check_origin))
            .wrap(from_fn(envelope))
    })
    .workers(workers)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    // Without it every compressed page waits 40 ms for an acknowledgement.
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(STOP_WITHIN_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}
