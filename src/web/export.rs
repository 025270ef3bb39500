//! Lists as CSV files, with the filter of their pages. A list is read and sent a batch at a time, so that a large Organization costs no
//! more memory than a small one.

use std::future::ready;
use std::sync::Arc;

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
use crate::security::{Event, Outcome};
use crate::time::Timestamp;
use crate::web::security_event;

/// Rows read at a time.
const BATCH: usize = 1_000;

/// A list of an Organization that can be exported.
pub trait Exported: Send + Sync + 'static {
    type Row: Send;

    /// What stands in the name of the file behind the Organization.
    const NAME: &'static str;
    const EVENT: Event;
    /// What whoever exports must still have whenever the list is read on.
    const PERMISSION: Permission;
    const HEADING: &'static [&'static str];

    /// Up to `limit` rows, those behind the row with this key.
    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Self::Row>, DbError>;

    /// Where the next batch begins.
    fn key(row: &Self::Row) -> String;

    /// As many cells as the heading has. What people typed is made [`harmless`].
    fn cells(row: &Self::Row) -> Vec<String>;
}

/// Where the next batch starts.
enum Next {
    First,
    After(String),
    Done,
}

struct Progress<L> {
    app: web::Data<App>,
    scope: Scope,
    session: SessionId,
    list: Arc<L>,
    next: Next,
    turn: ExportTurn,
}

/// Answers with the file.
pub async fn export<L: Exported>(
    request: &HttpRequest,
    scope: Scope,
    signed_in: SignedIn,
    list: L,
) -> Result<HttpResponse, AppError> {
    security_event(request, L::EVENT, Outcome::Success, scope.organization_id().as_str());
    let app = App::of(request).clone();
    let name = format!("{}-{}.csv", scope.slug(), L::NAME);
    let turn = app.exports.turn(&signed_in.person.user_id)?;
    let list = Arc::new(list);
    let progress = Progress { app, scope, session: signed_in.session_id, list, next: Next::First, turn };
    // The first batch is read before the answer begins, so that a database that is busy is answered as such.
    let Some((first, progress)) = next_batch(progress).await? else { return Err(AppError::NotFound) };
    let body = stream::once(ready(Ok(first))).chain(stream::try_unfold(progress, next_batch));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .streaming(Box::pin(body)))
}

async fn next_batch<L: Exported>(progress: Progress<L>) -> Result<Option<(web::Bytes, Progress<L>)>, AppError> {
    let after = match &progress.next {
        Next::First => None,
        Next::After(key) => Some(key.clone()),
        Next::Done => return Ok(None),
    };
    if progress.turn.is_over() {
        return Err(AppError::TooSlow);
    }
    let is_first = after.is_none();
    let (list, scope, session) = (Arc::clone(&progress.list), progress.scope.clone(), progress.session.clone());
    let now = progress.app.now();
    let found = progress.app.read(move |connection| {
        if !is_first && !may_go_on(connection, &scope, &session, L::PERMISSION, now)? {
            return Ok(None);
        }
        list.read(connection, &scope, after.as_deref(), BATCH, now).map(Some)
    });
    // The file breaks off, which a browser reports: it must not look whole.
    let found = found.await?.ok_or(AppError::NotFound)?;
    let next = match found.last() {
        Some(last) if found.len() == BATCH => Next::After(L::key(last)),
        _ => Next::Done,
    };
    Ok(Some((written::<L>(&found, is_first)?, Progress { next, ..progress })))
}

/// Whether who exports is still signed in, and still has a role that may. The guard has looked before the first batch.
fn may_go_on(
    connection: &mut Connection,
    scope: &Scope,
    session: &SessionId,
    permission: Permission,
    now: Timestamp,
) -> Result<bool, DbError> {
    if !sessions::is_live(connection, session, now)? {
        return Ok(false);
    }
    let membership = Membership::find(connection, &scope.person().user_id, scope.slug())?;
    Ok(membership.is_some_and(|current| Scope::new(scope.person().clone(), current).may(permission)))
}

fn written<L: Exported>(rows: &[L::Row], with_heading: bool) -> Result<web::Bytes, AppError> {
    let failed = |error: csv::Error| AppError::Internal(format!("CSV: {error}"));
    let mut text = Vec::new();
    if with_heading {
        // Without it spreadsheets take the file for one in the script of the machine, and show `ZoÃ«`.
        text.extend_from_slice("\u{feff}".as_bytes());
    }
    // Whatever stands in a cell: where a spreadsheet splits at something else, quotes keep more of it together.
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(text);
    if with_heading {
        writer.write_record(L::HEADING).map_err(failed)?;
    }
    for row in rows {
        writer.write_record(L::cells(row)).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| AppError::Internal(format!("CSV: {error}")))?;
    Ok(web::Bytes::from(bytes))
}

/// Spreadsheets take a cell that begins like a formula for one: such text gets an apostrophe in front (CWE-1236). In half of Europe
/// they split a line at semicolons, whatever is quoted, so a cell begins behind these, too.
pub fn harmless(text: &str) -> String {
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
