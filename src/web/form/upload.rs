//! Upload forms.

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryStreamExt;

use super::{Arriving, FORM_BYTES, Pending, READ_AWAY_BYTES, check_text, content_type, in_time};
use crate::error::AppError;

/// The largest upload with everything around it, in bytes. Its text fields together are as large as a form without files.
const UPLOAD_BYTES: usize = 3 * 1_024 * 1_024;

const TOO_LARGE: AppError = AppError::TooLarge(
    "What you sent is larger than this form accepts: 3 MB with its file, 64 KB of text. Nothing was changed.",
);

/// The most parts of an upload: many times what any form has, and few enough to compare each with all.
const MOST_PARTS: usize = 50;

/// A `multipart/form-data` form: text fields and at most one file each.
pub struct Upload {
    texts: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
}

impl Upload {
    /// The text of a field; empty when it is missing.
    pub fn text(&self, name: &str) -> &str {
        self.texts.iter().find(|(field, _)| field == name).map_or("", |(_, text)| text)
    }

    /// The text fields.
    pub fn into_texts(self) -> Vec<(String, String)> {
        self.texts
    }

    /// The content of an uploaded file; `None` when none was chosen.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let content = self.files.iter().find(|(field, _)| field == name).map(|(_, content)| content.as_slice());
        content.filter(|content| !content.is_empty())
    }
}

impl FromRequest for Upload {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_upload = content_type(request).starts_with("multipart/form-data");
        let arriving = Arriving::of(request);
        let parts = Multipart::new(request.headers(), payload.take());
        Box::pin(async move {
            if !is_upload {
                return Err(AppError::BadRequest("This page takes an upload form, and got something else."));
            }
            arriving?.within(|limits| limits.upload_seconds, read_parts(parts)).await
        })
    }
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, AppError> {
    const BROKEN: AppError = AppError::BadRequest("The upload broke off before it was complete, or is malformed.");
    let mut upload = Upload { texts: Vec::new(), files: Vec::new() };
    let (mut total, mut texts) = (0, 0);
    let mut count = 0;
    while let Some(mut part) = in_time(parts.try_next(), BROKEN).await? {
        count += 1;
        if count > MOST_PARTS {
            return Err(AppError::BadRequest("The upload has more parts than this form has fields."));
        }
        let disposition = part.content_disposition().ok_or(BROKEN)?;
        let name = disposition.get_name().ok_or(BROKEN)?.to_owned();
        let is_file = disposition.get_filename().is_some();
        let mut content = Vec::new();
        while let Some(chunk) = in_time(part.try_next(), BROKEN).await? {
            total += chunk.len();
            texts += if is_file { 0 } else { chunk.len() };
            if total <= UPLOAD_BYTES && texts <= FORM_BYTES {
                content.extend_from_slice(&chunk);
            } else if total > READ_AWAY_BYTES {
                return Err(TOO_LARGE);
            }
        }
        let is_known = upload.texts.iter().any(|(field, _)| *field == name)
            || upload.files.iter().any(|(field, _)| *field == name);
        if is_known {
            return Err(AppError::BadRequest("A field of the form came twice."));
        }
        if is_file {
            upload.files.push((name, content));
        } else if texts <= FORM_BYTES {
            check_text(&content)?;
            upload.texts.push((name, String::from_utf8_lossy(&content).into_owned()));
        }
    }
    if total <= UPLOAD_BYTES && texts <= FORM_BYTES { Ok(upload) } else { Err(TOO_LARGE) }
}
