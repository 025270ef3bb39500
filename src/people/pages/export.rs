//! `/organizations/{slug}/people/export.csv`: the list as a file, with the filter of the page. It is read and sent a batch at a
//! time, so that a large Organization costs no more memory than a small one.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream;

use crate::access::Scope;
use crate::app::App;
use crate::error::AppError;
use crate::people::listing::{self, Listed};
use crate::people::pages::list::PeopleFilter;
use crate::security::{Event, Outcome};
use crate::web::{Cursor, Query, security_event};

/// Rows read at a time.
const BATCH: usize = 1_000;

/// Where the next batch starts.
enum Next {
    First,
    After(Cursor),
    Done,
}

struct Progress {
    app: web::Data<App>,
    scope: Scope,
    filter: PeopleFilter,
    next: Next,
}

pub async fn download(
    request: HttpRequest,
    app: web::Data<App>,
    scope: Scope,
    query: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    security_event(&request, Event::PeopleExport, Outcome::Success, scope.organization_id().as_str());
    let name = format!("{}-people.csv", scope.slug());
    let progress = Progress { app, scope, filter: query.0, next: Next::First };
    let body = stream::try_unfold(progress, next_batch);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(body)))
}

async fn next_batch(progress: Progress) -> Result<Option<(web::Bytes, Progress)>, AppError> {
    let Progress { app, scope, filter, next } = progress;
    let after = match next {
        Next::First => None,
        Next::After(cursor) => Some(cursor),
        Next::Done => return Ok(None),
    };
    let is_first = after.is_none();
    let (asked, asking, now) = (filter.clone(), scope.clone(), app.now());
    let found = app
        .read(move |connection| listing::read(connection, &asked.range(&asking, after.as_ref(), BATCH, now)))
        .await?;
    let next = match found.last() {
        Some(last) if found.len() == BATCH => Next::After(Cursor::after(&last.key)),
        _ => Next::Done,
    };
    let text = written(&found, is_first)?;
    Ok(Some((text, Progress { app, scope, filter, next })))
}

fn written(entries: &[Listed], with_heading: bool) -> Result<web::Bytes, AppError> {
    let failed = |error: csv::Error| AppError::Internal(format!("CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    if with_heading {
        writer.write_record(["Name", "E-mail", "Role", "Status", "Since", "Expires"]).map_err(failed)?;
    }
    for entry in entries {
        let expires = entry.expires.map(|moment| moment.to_string()).unwrap_or_default();
        let (role, since) = (entry.role.to_string(), entry.since.to_string());
        writer
            .write_record([
                &*harmless(&entry.name),
                &*harmless(&entry.email),
                &role,
                &entry.status.label(),
                &since,
                &expires,
            ])
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| AppError::Internal(format!("CSV: {error}")))?;
    Ok(web::Bytes::from(bytes))
}

/// Spreadsheets take a cell that begins like a formula for one: such text gets an apostrophe in front (CWE-1236).
fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}
