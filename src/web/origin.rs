//! From where requests come, and under which name they ask for the portal.
//!
//! The protection against forms of other sites (cross-site request forgery): the browser says where a request comes from in
//! `Sec-Fetch-Site`, or in `Origin`; a request that changes something and says neither must not carry our cookie.
//! The same algorithm as `net/http.CrossOriginProtection` of Go 1.25.
//!
//! And against names that others let point here (DNS rebinding): their pages would be "same-origin" with ours. So a request must
//! name the host of the public URL, or an address of the machine, which nobody else can give out.

use std::net::IpAddr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderName};
use actix_web::http::uri::Authority;

use crate::app::App;
use crate::config::Config;
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
    /// From other servers: it is believed for its signature, and never for a cookie, which is not looked at.
    Signed,
    /// FROM ANYWHERE, ALTHOUGH IT CHANGES SOMETHING: mail programs end mails by one POST, with no page, no session and no word about
    /// where it comes from (RFC 8058). What such a route does must depend on the secret in its address alone, and never on who is
    /// signed in.
    OneClick,
}

/// Refuses a request that its route does not take from where it comes.
pub fn check_origin(policy: OriginPolicy, request: &ServiceRequest) -> Result<(), AppError> {
    let app = App::of(request.request());
    match policy {
        OriginPolicy::Any | OriginPolicy::Signed | OriginPolicy::OneClick => Ok(()),
        OriginPolicy::OwnPages if is_ours(request, &app.config) => Ok(()),
        OriginPolicy::OwnPages => {
            let route = request.match_pattern().unwrap_or_default();
            security_event(request.request(), Event::ForeignOrigin, Outcome::Refused, &route);
            Err(AppError::CrossOrigin)
        }
    }
}

fn text(request: &ServiceRequest, name: HeaderName) -> Option<&str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

fn is_ours(request: &ServiceRequest, config: &Config) -> bool {
    if let Some(site) = text(request, HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    if let Some(origin) = text(request, header::ORIGIN) {
        // The demo is reached under every address of its machine; production under one.
        let is_this_address =
            || origin.strip_prefix("http://").is_some_and(|host| Some(host) == text(request, header::HOST));
        return origin == config.public_url || config.demo && is_this_address();
    }
    // Not a browser, or a very old one: harmless unless it carries somebody's session.
    request.headers().get(header::COOKIE).is_none()
}

/// Refuses a request for a host that is not this portal.
pub fn check_host(request: &ServiceRequest) -> Result<(), AppError> {
    // Browsers always name one.
    let Some(named) = request.headers().get(header::HOST) else { return Ok(()) };
    let public_url = &App::of(request.request()).config.public_url;
    let is_known = named.to_str().ok().and_then(host_of).is_some_and(|host| is_own_host(&host, public_url));
    if is_known { Ok(()) } else { Err(AppError::Misdirected) }
}

/// The host of `host:port`, lower-cased and without the port.
fn host_of(authority: &str) -> Option<String> {
    let authority: Authority = authority.parse().ok()?;
    Some(authority.host().to_ascii_lowercase())
}

fn is_own_host(host: &str, public_url: &str) -> bool {
    let public = public_url.split_once("://").and_then(|(_, authority)| host_of(authority));
    let is_address = || host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok();
    public.is_some_and(|public| host == public) || host == "localhost" || host.ends_with(".localhost") || is_address()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_portal_is_called_by_its_own_name_or_by_an_address() {
        let is_known =
            |authority| host_of(authority).is_some_and(|host| is_own_host(&host, "https://portal.example.com:8443"));
        for host in
            ["portal.example.com", "Portal.Example.com:80", "127.0.0.1:8080", "[::1]:8080", "192.0.2.7", "localhost"]
        {
            assert!(is_known(host), "{host}");
        }
        for host in
            ["evil.example", "portal.example.com.evil.example", "example.com", "a b", "", "localhost.evil.example"]
        {
            assert!(!is_known(host), "{host}");
        }
    }
}
