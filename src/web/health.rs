//! `/healthz` and `/readyz`, for whoever runs the portal.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::app::App;
use crate::db::{Db, DbError};
use crate::installation::{self, Fit};

/// The process is up.
pub async fn healthz() -> HttpResponse {
    text(HttpResponse::Ok(), "ok")
}

/// The database answers and its migrations are current.
pub async fn readyz(app: web::Data<App>) -> HttpResponse {
    let looked_at = app.clone();
    match app.db.on_checker(move |db| look(db, &looked_at)).await {
        Ok((pending, _)) if !pending.is_empty() => text(HttpResponse::ServiceUnavailable(), "migrations are pending"),
        Ok((_, Fit::Foreign)) => text(HttpResponse::ServiceUnavailable(), "the secret key belongs to another database"),
        Ok(_) => text(HttpResponse::Ok(), "ready"),
        Err(error) => {
            tracing::error!(%error, "not ready");
            text(HttpResponse::ServiceUnavailable(), "the database does not answer")
        }
    }
}

fn look(db: &Db, app: &App) -> Result<(Vec<String>, Fit), DbError> {
    let pending = db.pending_migrations()?;
    let fit = if pending.is_empty() {
        db.look_apart(|connection| installation::fit(connection, &app.config.secret_keys))?
    } else {
        Fit::New
    };
    Ok((pending, fit))
}

fn text(mut response: actix_web::HttpResponseBuilder, line: &'static str) -> HttpResponse {
    response.insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).body(line)
}
