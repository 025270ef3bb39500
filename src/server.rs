//! The server around the portal: what every request passes, and how it starts and stops. The program and the tests both build it
//! here.

use std::any::Any;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use actix_identity::IdentityMiddleware;
use actix_session::SessionMiddleware;
use actix_session::config::PersistentSession;
use actix_session::storage::CookieSessionStore;
use actix_web::cookie::SameSite;
use actix_web::dev::{Server, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::{HttpServer, web};

use crate::app::App;
use crate::background;
use crate::config::Config;
use crate::open_files;
use crate::payments::provider::ProviderKind;
use crate::routes;
use crate::service_manager;
use crate::web::{cookie_key, cookie_name, envelope, metrics, reseal_cookie};

/// Threads a worker has for the database. More are slower: they contend, and each keeps a stack.
const BLOCKING_THREADS: usize = 3;
/// Connections of a worker; the limit of open files may be below.
const MOST_CONNECTIONS: usize = 25_000;
/// How long requests in flight may take when the server stops.
const STOP_WITHIN_SECONDS: u64 = 10;
/// When the process ends whatever still hangs: before a service manager kills it, which is usually after 30 seconds.
const END_WITHIN: Duration = Duration::from_secs(22);
/// How long jobs that are being done may take after that.
const BACKGROUND_WITHIN: Duration = Duration::from_secs(10);
const COOKIE_DAYS: i64 = 30;

fn sessions(config: &Config) -> SessionMiddleware<CookieSessionStore> {
    let lifetime = PersistentSession::default().session_ttl(actix_web::cookie::time::Duration::days(COOKIE_DAYS));
    SessionMiddleware::builder(CookieSessionStore::default(), cookie_key(&config.secret_keys.current))
        .cookie_name(cookie_name(config, "portico"))
        .cookie_secure(config.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(lifetime)
        .build()
}

/// The server on sockets that listen already.
///
/// # Errors
/// A socket cannot be used.
pub fn serve(app: web::Data<App>, listeners: Vec<TcpListener>) -> std::io::Result<Server> {
    let workers = app.config.workers;
    let connections = open_files::raise(u64::from(app.config.connections));
    let reader_seconds = app.config.protection.reader_seconds;
    let mut server = HttpServer::new(move || {
        let (demo, has_sandbox) = (app.config.demo, app.sandbox().is_some());
        let has_hooks = app.payments.as_ref().is_some_and(|payments| payments.kind() == ProviderKind::Stripe);
        actix_web::App::new()
            .app_data(app.clone())
            .configure(move |service| {
                let table = routes::table(demo, has_sandbox);
                if has_hooks { table.with_hooks().register(service) } else { table.register(service) }
            })
            .wrap(IdentityMiddleware::default())
            .wrap(sessions(&app.config))
            .wrap(from_fn(reseal_cookie))
            .wrap(from_fn(envelope))
    })
    .workers(workers)
    .worker_max_blocking_threads(BLOCKING_THREADS)
    .max_connections((connections / workers).clamp(1, MOST_CONNECTIONS))
    .on_connect(move |connection, _| cut_who_reads_nothing(connection, reader_seconds))
    // Without it every compressed page waits 40 ms for an acknowledgement.
    .tcp_nodelay(true)
    .client_request_timeout(Duration::from_secs(10))
    .shutdown_timeout(STOP_WITHIN_SECONDS)
    .disable_signals();
    for listener in listeners {
        server = server.listen(listener)?;
    }
    Ok(server.run())
}

/// Has the system end a connection whose other side has taken nothing for so long: actix waits for it without an end.
#[cfg(target_os = "linux")]
fn cut_who_reads_nothing(connection: &dyn Any, seconds: u32) {
    if let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, seconds.saturating_mul(1_000))
    {
        tracing::debug!(%error, "a connection without a time limit");
    }
}

#[cfg(not(target_os = "linux"))]
fn cut_who_reads_nothing(_: &dyn Any, _: u32) {}

/// `/metrics` at an address of its own, as long as the process lives.
fn serve_metrics(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        actix_web::App::new().app_data(app.clone()).route("/metrics", web::get().to(metrics::open))
    });
    Ok(server.workers(1).worker_max_blocking_threads(1).disable_signals().listen(listener)?.run())
}

/// Serves until the process is told to stop; then requests in flight finish. `announce` is called once all is ready.
pub fn run(
    app: web::Data<App>,
    listeners: Vec<TcpListener>,
    metrics: Option<TcpListener>,
    announce: impl FnOnce(),
) -> std::io::Result<()> {
    let background = background::runner(&app).start()?;
    let outcome = actix_web::rt::System::new().block_on(async {
        let server = serve(app.clone(), listeners)?;
        actix_web::rt::spawn(stop_when(told_to_stop()?, app.clone(), server.handle()));
        actix_web::rt::spawn(service_manager::keep_alive(app.clone()));
        if let Some(listener) = metrics {
            actix_web::rt::spawn(serve_metrics(app.clone(), listener)?);
        }
        announce();
        service_manager::ready(&app);
        server.await
    });
    if !background.stop(BACKGROUND_WITHIN) {
        tracing::warn!("jobs that take longer are left to be done again");
    }
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

async fn stop_when(told: impl Future<Output = ()>, app: web::Data<App>, server: ServerHandle) {
    told.await;
    end_at_last();
    app.readiness.stop();
    service_manager::stopping();
    tracing::info!(delay = ?app.config.stop_delay, "stopping: not ready any more");
    // Whoever sends requests here is given time to see it.
    let _ = tokio::time::timeout(app.config.stop_delay, std::future::pending::<()>()).await;
    tracing::info!("requests in flight finish");
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
