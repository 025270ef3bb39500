//! `/organizations/{slug}/people/export.csv`: the list as a file, with the filter of the page. It is read and sent a batch at a
//! time, so that a large Organization costs no more memory than a small one.

use std::future::ready;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::{StreamExt, stream};

use crate::access::{Membership, Permission, Scope, SignedIn};
use crate::accounts::sessions;
use crate::app::App;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::exports::ExportTurn;
use crate::ids::SessionId;
use crate::people::listing::{self, Listed, Place};
use crate::people::pages::filter::PeopleFilter;
use crate::security::{Event, Outcome};
use crate::time::Timestamp;
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
    session: SessionId,
    filter: PeopleFilter,
    next: Next,
    turn: ExportTurn,
}

pub async fn download(
    request: HttpRequest,
    app: web::Data<App>,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    security_event(&request, Event::PeopleExport, Outcome::Success, scope.organization_id().as_str());
    let name = format!("{}-people.csv", scope.slug());
    let turn = app.exports.turn(&signed_in.person.user_id)?;
    let progress = Progress { app, scope, session: signed_in.session_id, filter: query.0, next: Next::First, turn };
    // The first batch is read before the answer begins, so that a database that is busy is answered as such.
    let Some((first, progress)) = next_batch(progress).await? else { return Err(AppError::NotFound) };
    let body = stream::once(ready(Ok(first))).chain(stream::try_unfold(progress, next_batch));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(body)))
}

async fn next_batch(progress: Progress) -> Result<Option<(web::Bytes, Progress)>, AppError> {
    let after = match &progress.next {
        Next::First => None,
        Next::After(cursor) => Some(cursor.clone()),
        Next::Done => return Ok(None),
    };
    if progress.turn.is_over() {
        return Err(AppError::TooSlow);
    }
    let is_first = after.is_none();
    let (filter, scope, session) = (progress.filter.clone(), progress.scope.clone(), progress.session.clone());
    let now = progress.app.now();
    let found = progress.app.read(move |connection| {
        if !is_first && !may_go_on(connection, &scope, &session, now)? {
            return Ok(None);
        }
        let place = after.as_ref().map_or(Place::Start, |after| Place::After(after.key()));
        listing::read(connection, &filter.range(&scope, place, BATCH, now)).map(Some)
    });
    // The file breaks off, which a browser reports: it must not look whole.
    let found = found.await?.ok_or(AppError::NotFound)?;
    let next = match found.last() {
        Some(last) if found.len() == BATCH => Next::After(Cursor::after(&last.key)),
        _ => Next::Done,
    };
    Ok(Some((written(&found, is_first)?, Progress { next, ..progress })))
}

/// Whether who exports is still signed in, and still has a role that may. The guard has looked before the first batch.
fn may_go_on(connection: &mut Connection, scope: &Scope, session: &SessionId, now: Timestamp) -> Result<bool, DbError> {
    if !sessions::is_live(connection, session, now)? {
        return Ok(false);
    }
    let membership = Membership::find(connection, &scope.person().user_id, scope.slug())?;
    Ok(membership.is_some_and(|current| Scope::new(scope.person().clone(), current).may(Permission::ViewPeople)))
}

fn written(entries: &[Listed], with_heading: bool) -> Result<web::Bytes, AppError> {
    let failed = |error: csv::Error| AppError::Internal(format!("CSV: {error}"));
    let mut text = Vec::new();
    if with_heading {
        // Without it spreadsheets take the file for one in the script of the machine, and show `ZoÃ«`.
        text.extend_from_slice("\u{feff}".as_bytes());
    }
    // Whatever stands in a cell: where a spreadsheet splits at something else, quotes keep more of it together.
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(text);
    if with_heading {
        writer
            .write_record(["Name", "E-mail", "Role", "Status", "Since (UTC)", "Expires (UTC)", "Last active (UTC)"])
            .map_err(failed)?;
    }
    for entry in entries {
        let expires = entry.expires.map(Timestamp::minutes).unwrap_or_default();
        let last_active = entry.last_active.map(|day| day.to_string()).unwrap_or_default();
        let (role, since) = (entry.role.to_string(), entry.since.minutes());
        writer
            .write_record([
                &harmless(&entry.name),
                &harmless(&entry.email),
                &role,
                &entry.status.label(),
                &since,
                &expires,
                &last_active,
            ])
            .map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| AppError::Internal(format!("CSV: {error}")))?;
    Ok(web::Bytes::from(bytes))
}

/// Spreadsheets take a cell that begins like a formula for one: such text gets an apostrophe in front (CWE-1236). In half of Europe
/// they split a line at semicolons, whatever is quoted, so a cell begins behind these, too.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len() + 1);
    let mut is_beginning = true;
    for character in text.chars() {
        if is_beginning && matches!(character, '=' | '+' | '-' | '@' | '\t' | '\r') {
            harmless.push('\'');
        }
        harmless.push(character);
        is_beginning = matches!(character, ';' | '\t');
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_begins_like_a_formula_wherever_it_is_split() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("A;=1+1", "A;'=1+1"),
            ("A\t-1;@x", "A\t'-1;'@x"),
            ("\t=1", "'\t'=1"),
            ("Ann-Marie; Bob", "Ann-Marie; Bob"),
            ("", ""),
        ] {
            assert_eq!(harmless(text), written, "{text:?}");
        }
    }
}
