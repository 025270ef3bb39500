//! The buttons that end sessions.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};

use super::PATH;
use crate::access::SignedIn;
use crate::accounts::sessions;
use crate::error::AppError;
use crate::ids::SessionId;
use crate::security::{Event, Outcome};
use crate::web::{FlashKind, PageContext, forget, path_id, security_event, see_other};

/// `/account/security/sessions/{id}/end`
pub async fn end(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    identity: Option<Identity>,
    session: Session,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", SessionId::parse)?;
    let (is_this, person) = (id == signed_in.session_id, signed_in.person);
    let ended = context.app.write(move |tx| sessions::end_own(tx, &person, &id)).await?;
    if is_this {
        security_event(&request, Event::SignOut, Outcome::Success, "");
        forget(identity, &session);
        return Ok(see_other("/sign-in?signed_out=true"));
    }
    if !ended {
        return Ok(context.lead_to(PATH, FlashKind::Notice, "That browser was signed out before."));
    }
    security_event(&request, Event::SessionsEnded, Outcome::Success, "");
    Ok(context.lead_to(PATH, FlashKind::Success, "That browser is signed out."))
}

/// `/account/security/sessions/end-others`
pub async fn end_others(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let ended = context.app.write(move |tx| sessions::sign_out_elsewhere(tx, &signed_in)).await?;
    let message = match ended {
        0 => return Ok(context.lead_to(PATH, FlashKind::Notice, "You were signed in nowhere else.")),
        1 => "The other browser is signed out.".to_owned(),
        ended => format!("{ended} other browsers are signed out."),
    };
    security_event(&request, Event::SessionsEnded, Outcome::Success, "");
    Ok(context.lead_to(PATH, FlashKind::Success, message))
}
