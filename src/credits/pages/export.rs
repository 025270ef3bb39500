//! `/organizations/{slug}/credits/export.csv`: the ledger as a file, with the filter of the page.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::{Permission, Scope, SignedIn};
use crate::credits::entry::Entry;
use crate::credits::history::{self, Place};
use crate::credits::pages::filter::CreditFilter;
use crate::credits::pages::history::what;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::security::Event;
use crate::time::Timestamp;
use crate::web::{Exported, Query, export, harmless};

impl Exported for CreditFilter {
    type Row = Entry;

    const NAME: &'static str = "credits";
    const EVENT: Event = Event::CreditsExport;
    const PERMISSION: Permission = Permission::ViewCreditHistory;
    const HEADING: &'static [&'static str] =
        &["Number", "Date (UTC)", "What", "Note", "Who or which product", "Reference", "Amount", "Balance after"];

    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        _: Timestamp,
    ) -> Result<Vec<Entry>, DbError> {
        let place = after.and_then(|number| number.parse().ok()).map_or(Place::Start, Place::After);
        history::read(connection, &self.range(scope, place, limit))
    }

    fn key(row: &Entry) -> String {
        row.number.to_string()
    }

    fn cells(row: &Entry) -> Vec<String> {
        vec![
            row.number.to_string(),
            row.at.minutes(),
            what(row).to_owned(),
            harmless(&row.note),
            harmless(&row.actor_name),
            harmless(&row.reference),
            row.amount.to_string(),
            row.balance_after.to_string(),
        ]
    }
}

pub async fn download(
    request: HttpRequest,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<CreditFilter>,
) -> Result<HttpResponse, AppError> {
    const WRONG: AppError = AppError::BadRequest("The days that the list is narrowed to cannot be read.");
    if !query.0.errors().is_empty() {
        return Err(WRONG);
    }
    let filter = CreditFilter { zone: signed_in.calendar.zone, ..query.0 };
    export(&request, scope, signed_in, filter).await
}
