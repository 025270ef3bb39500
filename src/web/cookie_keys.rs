//! The key of the session cookie, and what happens when it changes.
//!
//! The library that seals the cookie knows one key. So that a change of the key signs nobody out, a cookie sealed with another key
//! of this process is sealed with the current one before the library sees it, and the browser is given that one.

use actix_session::SessionExt;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;

use crate::app::App;
use crate::config::Config;
use crate::secrets::SecretKey;
use crate::web::cookie_name;

/// What the cookie is sealed with.
pub fn cookie_key(key: &SecretKey) -> Key {
    Key::from(&key.derive::<64>("cookies"))
}

/// A mark in the request: its cookie was sealed with another key.
struct Resealed;

/// See the module. It stands in front of the library.
pub async fn reseal_cookie<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let app = App::of(request.request()).clone();
    if !app.config.secret_keys.others.is_empty()
        && let Some(cookies) = resealed(&request, &app.config)
    {
        request.headers_mut().insert(header::COOKIE, cookies);
        request.extensions_mut().insert(Resealed);
    }
    next.call(request).await
}

/// Gives the browser the cookie of the current key, where it had one of another. For pages alone: a file that everybody shares
/// must carry nobody's cookie.
pub fn renew_cookie(request: &ServiceRequest) {
    if request.extensions().contains::<Resealed>() {
        request.get_session().renew();
    }
}

/// The cookies of a request with ours sealed anew, if it was sealed with another key than the current one.
fn resealed(request: &ServiceRequest, config: &Config) -> Option<HeaderValue> {
    let sent: Vec<&str> = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok()).collect();
    let mut cookies: Vec<Cookie<'_>> = sent
        .iter()
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| Cookie::parse_encoded(pair.trim()).ok())
        .collect();
    let name = cookie_name(config, "portico");
    let ours = cookies.iter_mut().find(|cookie| cookie.name() == name)?;
    let opened = |key: &SecretKey| {
        let mut jar = CookieJar::new();
        jar.add_original(ours.clone().into_owned());
        jar.private(&cookie_key(key)).get(ours.name())
    };
    if opened(&config.secret_keys.current).is_some() {
        return None;
    }
    let plain = config.secret_keys.others.iter().find_map(opened)?;
    let mut jar = CookieJar::new();
    jar.private_mut(&cookie_key(&config.secret_keys.current)).add(plain);
    *ours = jar.get(&name)?.clone();
    let all: Vec<String> = cookies.iter().map(|cookie| cookie.stripped().encoded().to_string()).collect();
    HeaderValue::from_str(&all.join("; ")).ok()
}
