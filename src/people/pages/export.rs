//! `/organizations/{slug}/people/export.csv`: the list as a file, with the filter of the page.

use actix_web::{HttpRequest, HttpResponse};

use crate::access::{Permission, Scope, SignedIn};
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::people::listing::{self, Listed, Place};
use crate::people::pages::filter::PeopleFilter;
use crate::security::Event;
use crate::time::Timestamp;
use crate::web::{Exported, Query, export, harmless};

impl Exported for PeopleFilter {
    type Row = Listed;

    const NAME: &'static str = "people";
    const EVENT: Event = Event::PeopleExport;
    const PERMISSION: Permission = Permission::ViewPeople;
    const HEADING: &'static [&'static str] =
        &["Name", "E-mail", "Role", "Status", "Since (UTC)", "Expires (UTC)", "Last active (UTC)"];

    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<Listed>, DbError> {
        listing::read(connection, &self.range(scope, after.map_or(Place::Start, Place::After), limit, now))
    }

    fn key(row: &Listed) -> String {
        row.key.clone()
    }

    fn cells(row: &Listed) -> Vec<String> {
        vec![
            harmless(&row.name),
            harmless(&row.email),
            row.role.to_string(),
            row.status.label(),
            row.since.minutes(),
            row.expires.map(Timestamp::minutes).unwrap_or_default(),
            row.last_active.map(|day| day.to_string()).unwrap_or_default(),
        ]
    }
}

pub async fn download(
    request: HttpRequest,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    export(&request, scope, signed_in, query.0).await
}
