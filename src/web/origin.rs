//! The protection against forms of other sites (cross-site request forgery). The browser says where a request comes from in
//! `Sec-Fetch-Site`, or in `Origin`; a request that changes something and says neither must not carry our cookie.
//! The same algorithm as `net/http.CrossOriginProtection` of Go 1.25.

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderName};

use crate::app::App;
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::web::security::security_event;

/// From where a route takes requests. Each route declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginPolicy {
    /// From anywhere: it changes nothing.
    Any,
    /// From pages of this portal only.
    OwnPages,
}

/// Refuses a request that its route does not take from where it comes.
pub fn check_origin(policy: OriginPolicy, request: &ServiceRequest) -> Result<(), AppError> {
    let app = App::of(request.request());
    match policy {
        OriginPolicy::Any => Ok(()),
        OriginPolicy::OwnPages if is_ours(request, &app.config.public_url) => Ok(()),
        OriginPolicy::OwnPages => {
            let route = request.match_pattern().unwrap_or_default();
            security_event(request.request(), Event::ForeignOrigin, Outcome::Refused, &route);
            Err(AppError::CrossOrigin)
        }
    }
}

fn is_ours(request: &ServiceRequest, public_url: &str) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
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
