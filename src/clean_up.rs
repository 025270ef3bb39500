//! Removing what has run out: sessions, links and counters.

use std::time::Duration;

use actix_web::web;

use crate::accounts::{resets, sessions, sign_ups};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::limits;

const EVERY: Duration = Duration::from_secs(3_600);

/// Removes all that has run out, and answers how much it was.
pub fn clean_up(tx: &mut WriteTx) -> Result<usize, DbError> {
    Ok(sessions::clean_up(tx)? + sign_ups::clean_up(tx)? + resets::clean_up(tx)? + limits::clean_up(tx)?)
}

/// Does so as long as the server runs.
pub async fn now_and_then(app: web::Data<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        match app.write(clean_up).await {
            Ok(removed) => tracing::debug!(removed, "what ran out is removed"),
            Err(error) => tracing::warn!(%error, "what ran out could not be removed"),
        }
    }
}
