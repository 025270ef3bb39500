//! `/sign-out`.

use actix_identity::Identity;
use actix_session::Session;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};

use crate::access::SignedIn;
use crate::accounts::sessions;
use crate::app::App;
use crate::error::AppError;
use crate::web::{forget, see_other};

pub async fn submit(
    app: web::Data<App>,
    signed_in: SignedIn,
    identity: Option<Identity>,
    session: Session,
) -> Result<HttpResponse, AppError> {
    app.write(move |tx| sessions::end(tx, &signed_in.session_id)).await?;
    forget(identity, &session);
    let mut response = see_other("/sign-in");
    let (name, value) = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    response.headers_mut().insert(name, value);
    Ok(response)
}
