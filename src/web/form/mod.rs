//! What people send: form fields, query parameters and uploads, and what is wrong with them.
//!
//! Text must be UTF-8 without NUL, and no field may come twice (a second `email` must not slip past a check of the first).
//! A field that is missing counts as empty, so that its own message appears beside it.

mod arriving;
pub mod days;
mod errors;
pub mod rules;
pub mod typos;
mod upload;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use arriving::Arriving;
pub use errors::FieldErrors;
pub use upload::Upload;

/// The largest form without files, in bytes.
const FORM_BYTES: usize = 64 * 1_024;
/// The largest body that another server sends, in bytes.
const RAW_BYTES: usize = 512 * 1_024;
/// How much of a body that is too large is read away, so that a browser that is still sending gets the answer, in bytes.
const READ_AWAY_BYTES: usize = 64 * 1_024 * 1_024;

/// How long a body may pause before it is given up: who sends nothing more must not be waited for.
const PIECE_WAIT: Duration = Duration::from_secs(10);

const TOO_LARGE: AppError =
    AppError::TooLarge("What you sent is larger than the 64 KB that this form accepts. Nothing was changed.");

const STRANGE_SHAPE: AppError =
    AppError::BadRequest("A field of the form came twice, or in a shape that this page does not know.");

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// The fields of a form.
pub struct Form<T>(pub T);

/// The parameters behind the question mark.
pub struct Query<T>(pub T);

/// A body as it was sent, for what is signed byte by byte.
pub struct Raw(pub Vec<u8>);

impl FromRequest for Raw {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let arriving = Arriving::of(request);
        let payload = payload.take();
        Box::pin(async move {
            arriving?.within(|limits| limits.form_seconds, read_limited(payload, RAW_BYTES)).await.map(Self)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = content_type(request).starts_with("application/x-www-form-urlencoded");
        let is_empty = request.headers().get(header::CONTENT_TYPE).is_none();
        let arriving = Arriving::of(request);
        let payload = payload.take();
        Box::pin(async move {
            if !is_form && !is_empty {
                return Err(AppError::BadRequest("This page takes a form, and got something else."));
            }
            let body = arriving?.within(|limits| limits.form_seconds, read_limited(payload, FORM_BYTES)).await?;
            // `email[]=…` is how some frameworks spell a list: no form here has one, so nobody means well with it.
            if url::form_urlencoded::parse(&body).any(|(name, _)| name.contains('[')) {
                return Err(STRANGE_SHAPE);
            }
            fields(&body).map(Form)
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = AppError;
    type Future = std::future::Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(fields(request.query_string().as_bytes()).map(Query))
    }
}

fn content_type(request: &HttpRequest) -> String {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_ascii_lowercase()
}

/// The next piece of a body, unless it takes too long or `broken` says that there is none.
async fn in_time<T, E>(next: impl Future<Output = Result<T, E>>, broken: AppError) -> Result<T, AppError> {
    let piece = tokio::time::timeout(PIECE_WAIT, next).await;
    piece.map_err(|_| AppError::TooSlow)?.map_err(|_| broken)
}

async fn read_limited(payload: Payload, most: usize) -> Result<Vec<u8>, AppError> {
    const BROKEN: AppError = AppError::BadRequest("The request broke off before it was complete.");
    let mut payload = payload;
    let mut body = Vec::new();
    let mut total = 0;
    while let Some(chunk) = in_time(payload.try_next(), BROKEN).await? {
        total += chunk.len();
        if total <= most {
            body.extend_from_slice(&chunk);
        } else if total > READ_AWAY_BYTES {
            break;
        }
    }
    if total <= most { Ok(body) } else { Err(TOO_LARGE) }
}

/// Reads `name=value&…`.
fn fields<T: DeserializeOwned>(encoded: &[u8]) -> Result<T, AppError> {
    let spaced: Vec<u8> = encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    check_text(&decoded)?;
    serde_html_form::from_bytes(encoded).map_err(|_| STRANGE_SHAPE)
}

fn check_text(bytes: &[u8]) -> Result<(), AppError> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(AppError::BadRequest("The text that you sent is not valid UTF-8."));
    }
    if bytes.contains(&0) {
        return Err(AppError::BadRequest("The text that you sent contains a NUL character."));
    }
    Ok(())
}
