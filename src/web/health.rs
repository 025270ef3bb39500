//! `/healthz` and `/readyz`, for whoever runs the portal.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::db::Db;

/// The process is up.
pub async fn healthz() -> HttpResponse {
    text(HttpResponse::Ok(), "ok")
}

/// The database answers and its migrations are current.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    match app.db.on_checker(Db::pending_migrations).await {
        Ok(pending) if pending.is_empty() => text(HttpResponse::Ok(), "ready"),
        Ok(_) => text(HttpResponse::ServiceUnavailable(), "migrations are pending"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            text(HttpResponse::ServiceUnavailable(), "the database does not answer")
        }
    }
}

fn text(mut response: actix_web::HttpResponseBuilder, line: &'static str) -> HttpResponse {
    response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(line)
}
