//! Around every request: an id, a log line, security headers, and a page in place of a bare error.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use tracing::Instrument;

use crate::app::App;
use crate::error::AppError;
use crate::ids::RequestId;
use crate::limits::TooOften;
use crate::security::{Event, Outcome};
use crate::web::error_page::error_page;
use crate::web::request_line::Begun;
use crate::web::security::security_event;

/// The outermost layer: see the module.
pub async fn envelope(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let app = App::of(request.request()).clone();
    let id = RequestId::new(app.now());
    let begun = Begun::new(id.clone(), request.method().clone());
    request.extensions_mut().insert(id.clone());
    // Every line that is logged on the way carries the request's id.
    let span = tracing::info_span!("request", %id);
    let mut response = next.call(request).instrument(span).await?.map_into_boxed_body();
    if let Some(limit) = used_up(&response).and_then(|too_often| too_often.limit) {
        security_event(response.request(), Event::Limited, Outcome::Limited, limit.name());
    }
    if needs_page(&response) {
        let (request, bare) = response.into_parts();
        let page = error_page(&app, &request, &bare, &id).await;
        response = ServiceResponse::new(request, page);
    }
    // The pattern of the route, never the address, is for the log: addresses carry secrets.
    let route = response.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let has_secret = route.contains("{token}") || response.request().query_string().contains("token=");
    finish_headers(response.headers_mut(), &app, &id, has_secret);
    Ok(begun.answered(&app, route, response))
}

/// The limit that a request ran into.
fn used_up(response: &ServiceResponse<BoxBody>) -> Option<TooOften> {
    if let Some(error) = response.response().error() {
        return match error.as_error::<AppError>() {
            Some(AppError::TooOften(too_often)) => Some(*too_often),
            _ => None,
        };
    }
    response.response().extensions().get::<TooOften>().copied()
}

fn needs_page(response: &ServiceResponse<BoxBody>) -> bool {
    let status = response.status();
    (status.is_client_error() || status.is_server_error())
        && (response.response().error().is_some() || !response.headers().contains_key(header::CONTENT_TYPE))
}

macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; ",
            "manifest-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; ",
            "frame-ancestors 'none'",
            $more
        )
    };
}
const CONTENT_SECURITY_POLICY: &str = policy!("");
/// The same for a page that shows another one of this portal in a frame.
pub const FRAMING_POLICY: &str = policy!("; frame-src 'self'");

/// Browsers hold a form also to where its answer leads: to the pages of the provider of payments, where it has its own.
fn policy(app: &App) -> HeaderValue {
    let sites = app.payments.as_ref().map_or("", |payments| payments.page_sites());
    if sites.is_empty() {
        return HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    }
    let allowed = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &format!("form-action 'self' {sites}"));
    HeaderValue::from_str(&allowed).unwrap_or(HeaderValue::from_static(CONTENT_SECURITY_POLICY))
}

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
        headers.insert(header::CONTENT_SECURITY_POLICY, policy(app));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}
