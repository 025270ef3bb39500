//! Turns to export: a list is read for as long as somebody's connection takes it, so only so many are at a time, of one account
//! and of the process, and none for ever.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use crate::config::Protection;
use crate::error::AppError;
use crate::ids::UserId;
use crate::shares::Shares;

pub struct Exports {
    of_accounts: Shares,
    of_all: Arc<Semaphore>,
    within: Duration,
}

/// The right to go on exporting. It is given back when the file is read, and taken away after its time, whoever reads.
#[must_use]
pub struct ExportTurn(oneshot::Sender<()>);

impl Exports {
    pub fn new(protection: &Protection) -> Self {
        Self {
            of_accounts: Shares::new(protection.exports_per_account as usize),
            of_all: Arc::new(Semaphore::new(protection.exports as usize)),
            within: Duration::from_secs(protection.export_seconds),
        }
    }

    pub fn turn(&self, account: &UserId) -> Result<ExportTurn, AppError> {
        const OWN: &str =
            "You are downloading as many lists as you may at a time. Wait until one is finished and try again.";
        let share = self.of_accounts.try_take(account.as_str()).ok_or(AppError::TooMuchAtOnce(OWN))?;
        let busy = |_| AppError::Unavailable("as many lists are exported as may be".to_owned());
        let turn = Arc::clone(&self.of_all).try_acquire_owned().map_err(busy)?;
        let (hold, let_go) = oneshot::channel::<()>();
        let within = self.within;
        actix_web::rt::spawn(async move {
            let _ = tokio::time::timeout(within, let_go).await;
            drop((share, turn));
        });
        Ok(ExportTurn(hold))
    }
}

impl ExportTurn {
    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }
}
