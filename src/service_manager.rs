//! What systemd is told (`Type=notify`): that the portal serves, that it stops, and, as often as a unit with `WatchdogSec` asks for,
//! that it lives. Where no service manager listens, nothing happens.

use actix_web::web;
use sd_notify::NotifyState;

use crate::app::App;

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

pub fn ready(app: &App) {
    tell(&[NotifyState::Ready, NotifyState::Status(&format!("serving {}", app.config.public_url))]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("requests in flight finish")]);
}

/// Tells it as long as the threads in the background are there. It runs where requests are taken, so that it stops when that
/// does.
pub async fn keep_alive(app: web::Data<App>) {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    let mut ticks = tokio::time::interval(limit / 3);
    loop {
        ticks.tick().await;
        if app.readiness.roll.is_complete() {
            tell(&[NotifyState::Watchdog]);
        } else {
            tracing::error!("a thread in the background is gone: the service manager is to start the portal again");
        }
    }
}
