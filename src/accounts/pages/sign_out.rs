//! `/sign-out`.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::access::SignedIn;
use crate::accounts::sessions;
use crate::app::App;
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::web::{forget, security_event, see_other};

pub async fn submit(
    request: HttpRequest,
    app: web::Data<App>,
    signed_in: SignedIn,
    identity: Option<Identity>,
    session: Session,
) -> Result<HttpResponse, AppError> {
    app.write(move |tx| sessions::end(tx, &signed_in.session_id)).await?;
    security_event(&request, Event::SignOut, Outcome::Success, "");
    forget(identity, &session);
    let mut response = see_other("/sign-in?signed_out=true");
    let (name, value) = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    response.headers_mut().insert(name, value);
    Ok(response)
}
