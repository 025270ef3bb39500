//! The private cookie that carries the secret of a session, and the one by which a browser is known again.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use crate::access::SignedIn;
use crate::accounts::known_browser::KnownBrowser;
use crate::accounts::sessions::{Browser, Started};
use crate::app::App;
use crate::config::Config;
use crate::error::AppError;
use crate::web::client_ip;

/// How long a browser is known after the last sign-in.
const KNOWN_FOR: time::Duration = time::Duration::days(365);

/// The name of a cookie. With TLS the prefix keeps other hosts of the domain from setting it.
pub fn cookie_name(config: &Config, name: &str) -> String {
    if config.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

fn known_cookie_name(config: &Config) -> String {
    cookie_name(config, "portico-known")
}

/// The browser that a request comes from, for a session that begins with it.
pub fn browser(request: &HttpRequest) -> Browser {
    let app = App::of(request);
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let known = request.cookie(&known_cookie_name(&app.config));
    Browser {
        ip: client_ip(request, &app.config),
        user_agent: user_agent.unwrap_or_default().to_owned(),
        session: request.extensions().get::<SignedIn>().map(|signed_in| signed_in.session_id.clone()),
        known: known.and_then(|cookie| KnownBrowser::open(&app.context.sealer, cookie.value())),
    }
}

/// Puts the secret of a session into the cookie, whose content is renewed, whatever it was before; and has the browser known again.
pub fn remember(request: &HttpRequest, session: &Started, response: HttpResponse) -> Result<HttpResponse, AppError> {
    let failed =
        |error: &dyn std::fmt::Display| AppError::Internal(format!("the session cookie cannot be set: {error}"));
    Identity::login(&request.extensions(), session.secret.as_str().to_owned()).map_err(|error| failed(&error))?;
    let (app, mut response) = (App::of(request), response);
    let known = browser(request).known.unwrap_or_default().with(&session.holder);
    let cookie = Cookie::build(known_cookie_name(&app.config), known.sealed(&app.context.sealer))
        .path("/")
        .max_age(KNOWN_FOR)
        .secure(app.config.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish();
    response.add_cookie(&cookie).map_err(|error| failed(&error))?;
    Ok(response)
}

/// Empties the cookie. The browser stays known: who signs out must be able to come back.
pub fn forget(identity: Option<Identity>, session: &Session) {
    if let Some(identity) = identity {
        identity.logout();
    }
    session.purge();
}
