//! Forms are accepted from this site only (cross-site request forgery). The browser says where a request comes from in
//! `Sec-Fetch-Site`, or in `Origin`; a request that changes something and says neither must not carry our cookie.
//! The same algorithm as `net/http.CrossOriginProtection` of Go 1.25.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web;

use crate::app::App;
use crate::web::AppError;

pub async fn check_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = request.app_data::<web::Data<App>>().expect("every server is built with its App");
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !is_safe && !is_ours(&request, &app.config.public_url) {
        tracing::warn!(route = request.match_pattern(), "cross-origin request refused");
        return Ok(request.error_response(AppError::CrossOrigin));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_ours(request: &ServiceRequest, public_url: &str) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(header::ORIGIN) {
        let is_this_host = || {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        };
        return origin == public_url || is_this_host();
    }
    // Not a browser, or a very old one: harmless unless it carries somebody's session.
    request.headers().get(header::COOKIE).is_none()
}
