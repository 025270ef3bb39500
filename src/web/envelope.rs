//! Around every request: an id, a log line, security headers, and a page in place of a bare error.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;

use crate::app::App;
use crate::ids::RequestId;
use crate::web::error_page::error_page;

/// The outermost layer: see the module.
pub async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = App::of(request.request()).clone();
    let id = RequestId::new(app.now());
    let started = Instant::now();
    let method = request.method().clone();
    let mut response = next.call(request).await?.map_into_boxed_body();
    if needs_page(&response) {
        let (request, bare) = response.into_parts();
        let page = error_page(&app, &request, &bare, &id);
        response = ServiceResponse::new(request, page);
    }
    // The pattern of the route, never the address: addresses carry secrets.
    let route = response.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_secs_f64() * 1_000.0;
    tracing::info!(request = %id, %method, route, status, duration_ms, "answered");
    let has_secret = route.contains("{token}") || response.request().query_string().contains("token=");
    finish_headers(response.headers_mut(), &app, &id, has_secret);
    Ok(response)
}

fn needs_page(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && (response.response().error().is_some() || !response.headers().contains_key(header::CONTENT_TYPE))
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

fn finish_headers(headers: &mut HeaderMap, app: &App, id: &RequestId, has_secret: bool) {
    let mut fixed = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // An address with a secret in it is told to nobody, not even to our own files, whose requests a proxy logs. With `no-referrer`
    // browsers would send `Origin: null` with the form of such a page.
    fixed(header::REFERRER_POLICY, if has_secret { "strict-origin" } else { "same-origin" });
    fixed(header::X_FRAME_OPTIONS, "DENY");
    fixed(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    fixed(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    fixed(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if app.config.is_https() {
        fixed(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
