//! `/organizations/{slug}/activity/export.csv`: the log as a file, with the filter of the page.

use actix_web::{HttpRequest, HttpResponse};

use super::filter::{ActivityFilter, standing};
use super::log::{Person, topic_label};
use super::words::{Difference, EntryInWords};
use crate::access::{Permission, Role, Scope, SignedIn};
use crate::activity::Entry;
use crate::activity::listing::Place;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::security::Event;
use crate::time::{Calendar, Timestamp, When};
use crate::web::{Exported, Query, export, harmless};

impl Exported for ActivityFilter {
    type Row = Entry;

    const NAME: &'static str = "activity";
    const EVENT: Event = Event::ActivityExport;
    const PERMISSION: Permission = Permission::ViewActivity;
    const HEADING: &'static [&'static str] =
        &["Date (UTC)", "Who", "Role then", "What", "Kind", "Before", "After", "From which address"];

    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        _: Timestamp,
    ) -> Result<Vec<Entry>, DbError> {
        let place = after.and_then(standing).map_or(Place::Start, Place::After);
        Person::of(connection, self)?.rows(connection, scope, self, place, limit)
    }

    fn key(row: &Entry) -> String {
        row.standing().to_string()
    }

    fn cells(row: &Entry) -> Vec<String> {
        // A file is read at any time: nothing in it depends on the present moment.
        let when = |moment| When::new(moment, row.at, Calendar::USUAL);
        let in_words = EntryInWords::new(row, &when);
        let sides = in_words.sides();
        let side = |of: fn(&Difference) -> &str| {
            let named = sides.iter().filter(|difference| !of(difference).is_empty());
            let values: Vec<String> =
                named.map(|difference| format!("{}: {}", difference.name, of(difference))).collect();
            harmless(&values.join("; "))
        };
        vec![
            row.at.minutes(),
            harmless(&row.actor_name),
            Role::parse(&row.actor_role).map(|role| role.to_string()).unwrap_or_default(),
            harmless(&in_words.text()),
            row.topic().map_or("", topic_label).to_owned(),
            side(|difference| &difference.before),
            side(|difference| &difference.after),
            row.ip.clone(),
        ]
    }
}

pub async fn download(
    request: HttpRequest,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<ActivityFilter>,
) -> Result<HttpResponse, AppError> {
    const WRONG: AppError = AppError::BadRequest("What the list is narrowed to cannot be read.");
    if !query.0.errors().is_empty() {
        return Err(WRONG);
    }
    let filter = ActivityFilter { zone: signed_in.calendar.zone, ..query.0 };
    export(&request, scope, signed_in, filter).await
}
