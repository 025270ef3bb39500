//! The server around the portal: what every request passes, and how it starts and stops. The program and the tests both build it
//! here.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_identity::IdentityMiddleware;
use actix_session::SessionMiddleware;
use actix_session::config::PersistentSession;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use crate::app::App;
use crate::clean_up;
use crate::config::Config;
use crate::routes;
use crate::web::envelope;

/// Threads a worker has for the database. More are slower: they contend, and each keeps a stack.
const BLOCKING_THREADS: usize = 3;
/// How long requests in flight may take when the server stops.
const STOP_WITHIN_SECONDS: u64 = 10;
/// When the process ends whatever still hangs: before a service manager kills it, which is usually after 30 seconds.
const END_WITHIN: Duration = Duration::from_secs(22);
const COOKIE_DAYS: i64 = 30;

/// The name of the cookie. With TLS the prefix keeps other hosts of the domain from setting it.
fn cookie_name(config: &Config) -> String {
    if config.is_https() { "__Host-portico".to_owned() } else { "portico".to_owned() }
}

fn sessions(config: &Config, key: Key) -> SessionMiddleware<CookieSessionStore> {
    let lifetime = PersistentSession::default().session_ttl(actix_web::cookie::time::Duration::days(COOKIE_DAYS));
    SessionMiddleware::builder(CookieSessionStore::default(), key)
        .cookie_name(cookie_name(config))
        .cookie_secure(config.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(lifetime)
        .build()
}

/// The server on a socket that listens already.
///
/// # Errors
/// The socket cannot be used.
pub fn serve(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let key = Key::from(&app.config.secret_key.derive::<64>("cookies"));
    let workers = app.config.workers;
    let server = HttpServer::new(move || {
        let demo = app.config.demo;
        actix_web::App::new()
            .app_data(app.clone())
            .configure(move |service| routes::table(demo).register(service))
            .wrap(IdentityMiddleware::default())
            .wrap(sessions(&app.config, key.clone()))
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

/// Serves until the process is told to stop; then requests in flight finish. `announce` is called once all is ready.
pub fn run(app: web::Data<App>, listener: TcpListener, announce: impl FnOnce()) -> std::io::Result<()> {
    let delivery = app.delivery().start()?;
    let outcome = actix_web::rt::System::new().block_on(async {
        let server = serve(app.clone(), listener)?;
        actix_web::rt::spawn(stop_when(told_to_stop()?, server.handle()));
        actix_web::rt::spawn(clean_up::now_and_then(app));
        announce();
        server.await
    });
    delivery.stop();
    tracing::info!("stopped");
    outcome
}

/// Waits for the signals that ask a process to stop. From this call on they no longer just kill it.
#[cfg(unix)]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    actix_web::rt::spawn(async move {
        while hang_up.recv().await.is_some() {
            tracing::info!("SIGHUP is ignored: settings are read at the start, and the log goes to standard error");
        }
    });
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

async fn stop_when(told: impl Future<Output = ()>, server: ServerHandle) {
    told.await;
    tracing::info!("stopping: requests in flight finish");
    end_at_last();
    server.stop(true).await;
}

/// Ends the process when it has not ended by itself in time: something hangs in a database or a mail server that says nothing.
fn end_at_last() {
    let told = Instant::now();
    let started = std::thread::Builder::new().name("end".to_owned()).spawn(move || {
        while let Some(left) = END_WITHIN.checked_sub(told.elapsed()) {
            std::thread::park_timeout(left);
        }
        tracing::error!("something hangs: ending without it");
        // The log has a moment to write it.
        std::thread::park_timeout(Duration::from_millis(200));
        std::process::exit(1);
    });
    if let Err(error) = started {
        tracing::warn!(%error, "nothing ends this process if it hangs");
    }
}
