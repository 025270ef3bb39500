//! The private cookie that carries the secret of a session.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest};

use crate::access::SignedIn;
use crate::accounts::sessions::Browser;
use crate::config::Config;
use crate::error::AppError;
use crate::secrets::Secret;
use crate::web::client_ip;

/// The browser that a request comes from, for a session that begins with it.
pub fn browser(request: &HttpRequest, config: &Config) -> Browser {
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Browser {
        ip: client_ip(request, config),
        user_agent: user_agent.unwrap_or_default().to_owned(),
        session: request.extensions().get::<SignedIn>().map(|signed_in| signed_in.session_id.clone()),
    }
}

/// Puts the secret of a session into the cookie. The cookie's content is renewed, whatever it was before.
pub fn remember(request: &HttpRequest, secret: &Secret) -> Result<(), AppError> {
    Identity::login(&request.extensions(), secret.as_str().to_owned())
        .map(drop)
        .map_err(|error| AppError::Internal(format!("the session cookie cannot be set: {error}")))
}

/// Empties the cookie.
pub fn forget(identity: Option<Identity>, session: &Session) {
    if let Some(identity) = identity {
        identity.logout();
    }
    session.purge();
}
