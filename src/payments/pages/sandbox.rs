//! `/sandbox/checkout/{token}`: the page that the sandbox leads to, in the place of a provider's own. Whoever knows its address may
//! pay on it, as on theirs.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use strum::VariantArray;

use crate::app::App;
use crate::error::AppError;
use crate::payments::sandbox::cards::Card;
use crate::payments::sandbox::checkout::{self, Pay};
use crate::payments::sandbox::sessions::{self, Session};
use crate::web::{FieldErrors, Form, Layout, PageContext, path_id, see_other};

/// What was pressed, and the card that was chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PayForm {
    act: String,
    card: String,
}

impl PayForm {
    /// The card that is charged. Who presses "Decline" is declined, whatever the card is.
    fn charged(&self) -> Result<Card, FieldErrors> {
        let card = self.card.parse().map_err(|_| FieldErrors::field_only("card", "Choose a card."))?;
        match self.act.as_str() {
            "pay" => Ok(card),
            "decline" => Ok(Card::Declined),
            _ => Err(FieldErrors::field_only("act", "Pay or decline.")),
        }
    }
}

#[derive(Template)]
#[template(path = "payments/sandbox.html")]
struct SandboxPage {
    layout: Layout,
    session: Session,
    is_open: bool,
    cards: &'static [Card],
    chosen: Card,
    errors: FieldErrors,
    /// The way back without paying.
    cancel_url: String,
}

async fn page(
    request: &HttpRequest,
    context: PageContext,
    status: StatusCode,
    chosen: Card,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let id = session_id(request)?;
    let own = own_url(&context.app);
    context
        .show_as(status, move |connection, layout| {
            let session = sessions::find(connection, &id)?.ok_or(AppError::NotFound)?;
            let is_open = session.is_open_at(layout.now());
            let cancel_url = below(&own, &session.cancel_url);
            Ok(SandboxPage { layout, session, is_open, cards: Card::VARIANTS, chosen, errors, cancel_url })
        })
        .await
}

pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    page(&request, context, StatusCode::OK, Card::Good, FieldErrors::none()).await
}

pub async fn submit(request: HttpRequest, context: PageContext, form: Form<PayForm>) -> Result<HttpResponse, AppError> {
    let id = session_id(&request)?;
    let used = match form.0.charged() {
        Ok(card) => card,
        Err(errors) => return page(&request, context, StatusCode::UNPROCESSABLE_ENTITY, Card::Good, errors).await,
    };
    let card = form.0.card.parse().unwrap_or(used);
    match context.app.write(move |tx| checkout::pay(tx, &id, used)).await? {
        Pay::Done { success_url } => Ok(see_other(&below(&own_url(&context.app), &success_url))),
        Pay::Declined { reason } => {
            let errors = FieldErrors::field_only("card", format!("{reason} Choose another one, or go back."));
            page(&request, context, StatusCode::UNPROCESSABLE_ENTITY, card, errors).await
        }
        Pay::Ended => page(&request, context, StatusCode::GONE, card, FieldErrors::none()).await,
        Pay::Gone => Err(AppError::NotFound),
    }
}

/// The session in the address. What no session is called names nothing.
fn session_id(request: &HttpRequest) -> Result<String, AppError> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    path_id(request, "token", |text| text.chars().all(is_part).then(|| text.to_owned()))
}

/// The public URL, without a slash at the end.
fn own_url(app: &App) -> String {
    app.context.links.to("")
}

/// The same address below the name under which this page was opened, where it is one of this portal: the demo is reached under
/// several, and a browser is signed in under one.
fn below(own: &str, url: &str) -> String {
    match url.strip_prefix(own) {
        Some(path) if path.starts_with('/') => path.to_owned(),
        _ => url.to_owned(),
    }
}
