//! Security events of a request.

use actix_web::{HttpMessage, HttpRequest};

use crate::access::SignedIn;
use crate::app::App;
use crate::ids::RequestId;
use crate::security::{self, Event, Origin, Outcome, Who};
use crate::web::client_ip;

/// By whoever is signed in, if anybody is.
pub fn security_event(request: &HttpRequest, event: Event, outcome: Outcome, detail: &str) {
    let user = request.extensions().get::<SignedIn>().map(|signed_in| signed_in.person.user_id.clone());
    security_event_by(request, event, outcome, user.as_ref().map_or(Who::Nobody, Who::User), detail);
}

/// By somebody who typed this address.
pub fn security_event_of(request: &HttpRequest, event: Event, outcome: Outcome, email: &str) {
    let key = &App::of(request).config.secret_keys.current;
    security_event_by(request, event, outcome, Who::Address(email, key), "");
}

pub fn security_event_by(request: &HttpRequest, event: Event, outcome: Outcome, who: Who<'_>, detail: &str) {
    let ip = client_ip(request, &App::of(request).config);
    let id = request.extensions().get::<RequestId>().cloned();
    security::record(event, outcome, who, detail, Origin { ip: &ip, request: id.as_ref() });
}
