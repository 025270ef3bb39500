//! What people send: form fields, query parameters and uploads, and what is wrong with them.
//!
//! Text must be UTF-8 without NUL, and no field may come twice (a second `email` must not slip past a check of the first).
//! A field that is missing counts as empty, so that its own message appears beside it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures_util::TryStreamExt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use validator::{Validate, ValidationError, ValidationErrors};

use crate::names::has_noncharacter;
use crate::web::AppError;

/// The largest form without files, in bytes.
const FORM_BYTES: usize = 64 * 1_024;
/// The largest upload with everything around it, in bytes.
const UPLOAD_BYTES: usize = 3 * 1_024 * 1_024;

/// How much of a body that is too large is read away, so that a browser that is still sending gets the answer, in bytes.
const READ_AWAY_BYTES: usize = 64 * 1_024 * 1_024;

/// The most parts of an upload: many times what any form has, and few enough to compare each with all.
const MOST_PARTS: usize = 50;

/// How long a body may pause before it is given up: who sends nothing more must not be waited for.
const PIECE_WAIT: Duration = Duration::from_secs(10);

const TOO_LARGE: AppError = AppError::TooLarge("What you sent is larger than this form accepts. Nothing was changed.");

const STRANGE_SHAPE: AppError =
    AppError::BadRequest("A field of the form came twice, or in a shape that this page does not know.");

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// The fields of a form.
pub struct Form<T>(pub T);

/// The parameters behind the question mark.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = AppError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = content_type(request).starts_with("application/x-www-form-urlencoded");
        let is_empty = request.headers().get(header::CONTENT_TYPE).is_none();
        let payload = payload.take();
        Box::pin(async move {
            if !is_form && !is_empty {
                return Err(AppError::BadRequest("This page takes a form, and got something else."));
            }
            let body = read_limited(payload, FORM_BYTES).await?;
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
        let parts = Multipart::new(request.headers(), payload.take());
        Box::pin(async move {
            if !is_upload {
                return Err(AppError::BadRequest("This page takes an upload form, and got something else."));
            }
            read_parts(parts).await
        })
    }
}

async fn read_parts(mut parts: Multipart) -> Result<Upload, AppError> {
    const BROKEN: AppError = AppError::BadRequest("The upload broke off before it was complete, or is malformed.");
    let mut upload = Upload { texts: Vec::new(), files: Vec::new() };
    let mut total = 0;
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
            if total <= UPLOAD_BYTES {
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
        } else {
            check_text(&content)?;
            upload.texts.push((name, String::from_utf8_lossy(&content).into_owned()));
        }
    }
    if total <= UPLOAD_BYTES { Ok(upload) } else { Err(TOO_LARGE) }
}

/// What is wrong with a form, field by field in the order of the page.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors {
    /// The order of the page; others come last.
    order: &'static [&'static str],
    fields: Vec<(String, String)>,
    form: String,
}

impl FieldErrors {
    pub fn none() -> Self {
        Self::default()
    }

    /// Checks `form` by its own rules. `order` is the order of the fields on the page.
    pub fn check(form: &impl Validate, order: &'static [&'static str]) -> Self {
        let mut errors = Self { order, ..Self::default() };
        if let Err(found) = form.validate() {
            errors.add_found(&found);
        }
        errors
    }

    fn add_found(&mut self, found: &ValidationErrors) {
        for (field, problems) in found.field_errors() {
            let message = problems.iter().find_map(|problem| problem.message.clone());
            self.add(field.as_ref(), message.unwrap_or_else(|| "This is not valid.".into()));
        }
    }

    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        if self.of(field).is_empty() {
            self.fields.push((field.to_owned(), message.into()));
            let order = self.order;
            self.fields.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(order.len()));
        }
    }

    /// An error of the form as a whole.
    pub fn add_form(&mut self, message: impl Into<String>) {
        self.form = message.into();
    }

    /// The same, for one error alone.
    pub fn form_only(message: impl Into<String>) -> Self {
        Self { form: message.into(), ..Self::default() }
    }

    pub fn field_only(field: &str, message: impl Into<String>) -> Self {
        Self { fields: vec![(field.to_owned(), message.into())], ..Self::default() }
    }

    /// The message beside a field, empty when there is none.
    pub fn of(&self, field: &str) -> &str {
        self.fields.iter().find(|(name, _)| name == field).map_or("", |(_, message)| message)
    }

    /// The message of the whole form, empty when there is none.
    pub fn form(&self) -> &str {
        &self.form
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.form.is_empty()
    }

    /// Each field with its message, for the summary on top.
    pub fn summary(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect()
    }
}

/// A single line: outer white space removed, line breaks and other control characters turned into spaces.
pub fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(single_line(&text))
}

pub fn single_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ").trim().to_owned()
}

/// An e-mail address as it is stored and compared: without outer white space, lower-cased.
pub fn email_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(one_line(deserializer)?.to_lowercase())
}

/// A checkbox: any value means ticked.
pub fn checkbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    String::deserialize(deserializer).map(|_| true)
}

/// The longest address that mail servers take, in bytes.
const EMAIL_BYTES: usize = 254;

/// Whether mail can be sent to `address`: the form that browsers accept, of the length that servers take.
pub fn is_email(address: &str) -> bool {
    use validator::ValidateEmail;
    address.len() <= EMAIL_BYTES
        && address.validate_email()
        && address.split_once('@').is_some_and(|(_, domain)| domain.contains('.'))
        && address.parse::<lettre::Address>().is_ok()
}

fn invalid(message: &'static str) -> ValidationError {
    ValidationError::new("invalid").with_message(message.into())
}

pub fn valid_email(address: &str) -> Result<(), ValidationError> {
    match address {
        "" => Err(invalid("Enter an e-mail address.")),
        address if is_email(address) => Ok(()),
        _ => Err(invalid("Enter an e-mail address like name@example.com.")),
    }
}

/// For fields that must not be empty; the attribute gives the message.
pub fn given(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() { Err(ValidationError::new("required")) } else { Ok(()) }
}

/// Names stand in lists, and in mails to addresses that nobody has confirmed: they must be readable, and not carry a link there.
pub fn plain_name(text: &str) -> Result<(), ValidationError> {
    let folded = text.to_lowercase();
    if folded.contains("://") || folded.contains("www.") {
        return Err(invalid("Leave out web addresses."));
    }
    if has_noncharacter(text) {
        return Err(invalid("Leave out what is no character of any script."));
    }
    Ok(())
}

/// A country code of the list, or nothing.
pub fn known_country(code: &str) -> Result<(), ValidationError> {
    let is_known = code.is_empty() || crate::web::countries::country_name(code).is_some();
    if is_known { Ok(()) } else { Err(invalid("Choose a country from the list.")) }
}

/// A web address, or nothing.
pub fn web_address(address: &str) -> Result<(), ValidationError> {
    let is_web =
        |url: url::Url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|h| h.contains('.'));
    if address.is_empty() || url::Url::parse(address).is_ok_and(is_web) {
        return Ok(());
    }
    Err(invalid("Enter a web address like https://www.example.com."))
}
