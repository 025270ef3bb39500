//! `/healthz` and `/readyz`, for whoever runs the portal.

use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder, web};

use crate::app::App;

/// Seconds after which it is worth asking again.
const ASK_AGAIN: i64 = 2;

/// The process is up.
pub async fn healthz() -> HttpResponse {
    text(&mut HttpResponse::Ok(), "ok")
}

/// The process should be sent requests, or what is in the way.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    match app.readiness.check(&app.db, &app.config.secret_keys).await {
        None => text(&mut HttpResponse::Ok(), "ready"),
        Some(reason) => {
            text(HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, ASK_AGAIN)), reason.into())
        }
    }
}

fn text(response: &mut HttpResponseBuilder, line: &'static str) -> HttpResponse {
    response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(line)
}
