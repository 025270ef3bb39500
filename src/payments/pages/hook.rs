//! `/hooks/stripe`, which there is only where Stripe takes the payments: what has become of them is told there, again and again until it
//! hears that it was heard.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::background;
use crate::error::AppError;
use crate::payments::provider::{EventError, ProviderKind};
use crate::security::{Event, Outcome};
use crate::web::{Raw, security_event};

const SIGNATURE: &str = "stripe-signature";

pub async fn stripe(request: HttpRequest, body: Raw) -> Result<HttpResponse, AppError> {
    let app = App::of(&request);
    let payments = app.payments.clone().ok_or(AppError::NotFound)?;
    let (signature, now) = (signature(request.headers()), app.now());
    let event = match payments.read_event(signature, body.0, now).await {
        Ok(event) => event,
        Err(EventError::Forged(why)) => {
            security_event(&request, Event::ForgedHook, Outcome::Refused, "");
            tracing::warn!(%why, "an event of Stripe is not believed");
            return Err(AppError::BadRequest("This is not an event that Stripe signed a moment ago."));
        }
        // It tells again.
        Err(EventError::Provider(error)) => return Err(error.into()),
    };
    app.write(move |tx| background::receive(tx, ProviderKind::Stripe, &event)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("taken\n"))
}

fn signature(headers: &HeaderMap) -> String {
    headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
