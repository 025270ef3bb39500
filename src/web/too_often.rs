//! What a form answers that was sent too often.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::limits::TooOften;
use crate::time::duration;

/// What stands above the form.
pub fn too_often_sentence(too_often: TooOften) -> String {
    format!("Too many attempts. Wait {} and try again.", duration(too_often.retry_after))
}

/// Tells the browser, too, when to come back, if too much was tried.
pub fn with_retry_after(mut response: HttpResponse, too_often: impl Into<Option<TooOften>>) -> HttpResponse {
    let Some(too_often) = too_often.into() else { return response };
    response.headers_mut().insert(header::RETRY_AFTER, too_often.retry_after.into());
    // For the log.
    response.extensions_mut().insert(too_often);
    response
}
