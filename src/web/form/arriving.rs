//! Bodies that are arriving: of one network only so many at a time, and each only for so long, however steadily it trickles.

use std::future::Future;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use crate::app::App;
use crate::config::Protection;
use crate::error::AppError;
use crate::shares::Share;
use crate::web::client_network;

const TOO_MANY: AppError = AppError::TooMuchAtOnce(
    "Too many forms of your network are arriving at once, or have begun to and stopped. Nothing was changed. Wait a moment and \
     try again.",
);

/// The right to send one body.
pub(super) struct Arriving {
    app: web::Data<App>,
    _share: Share,
}

impl Arriving {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, AppError> {
        let app = App::of(request).clone();
        let share = app.bodies.try_take(&client_network(request, &app.config)).ok_or(TOO_MANY)?;
        Ok(Self { app, _share: share })
    }

    /// Reads the body, unless it takes longer than it may.
    pub(super) async fn within<T>(
        self,
        seconds: impl Fn(&Protection) -> u64,
        body: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let limit = Duration::from_secs(seconds(&self.app.config.protection));
        tokio::time::timeout(limit, body).await.unwrap_or(Err(AppError::TooSlow))
    }
}
