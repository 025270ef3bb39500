//! `/metrics`, for a monitoring system: at an address of its own, or at that of the portal for who has the token.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::app::App;
use crate::error::AppError;
use crate::metrics::CONTENT_TYPE;
use crate::secrets::Secret;

/// At the address of the portal. Without a token in the settings there is no such page.
pub async fn guarded(request: HttpRequest, app: web::Data<App>) -> Result<HttpResponse, AppError> {
    let token = app.config.metrics_token.as_ref().ok_or(AppError::NotFound)?;
    let presented = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let presented = presented.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).unwrap_or_default();
    // Hashes are compared: how far they agree tells nothing about the token.
    if Secret::presented(presented).hash() != token.hash() {
        let challenge = (header::WWW_AUTHENTICATE, "Bearer");
        return Ok(HttpResponse::Unauthorized()
            .insert_header(challenge)
            .content_type("text/plain")
            .body("a token is needed"));
    }
    Ok(open(app).await)
}

/// At an address of its own.
pub async fn open(app: web::Data<App>) -> HttpResponse {
    let text = app.metrics.text(&app.db, app.now()).await;
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, CONTENT_TYPE)).body(text)
}
