//! `/account/security/events`: what happened to somebody's own account.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::EVENTS;
use crate::access::SignedIn;
use crate::activity::Entry;
use crate::activity::listing::{self, Place};
use crate::activity::pages::words::EntryInWords;
use crate::audit::words::Piece;
use crate::error::AppError;
use crate::ids::{ActivityId, UserId};
use crate::paging::Standing;
use crate::time::When;
use crate::web::{Cursor, Layout, PageContext, Query, Section};

const PAGE: usize = 50;

/// Something that happened, as pages show it.
pub struct EventRow {
    pub at: When,
    /// "You", or the name of whoever else did it.
    pub who: String,
    pub words: Vec<Piece>,
    pub ip: String,
}

impl EventRow {
    pub fn new(layout: &Layout, holder: &UserId, entry: &Entry) -> Self {
        let when = |moment| layout.when(moment);
        let is_own = entry.actor_id == holder.as_str();
        Self {
            at: layout.when(entry.at),
            who: if is_own { "You".to_owned() } else { entry.actor_name.clone() },
            words: EntryInWords::new(entry, &when).words(),
            ip: entry.ip.clone(),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EventQuery {
    after: String,
    before: String,
}

impl EventQuery {
    fn place(&self) -> Place {
        let standing =
            |text: &str| Cursor::decode(text).and_then(|cursor| Standing::parse(cursor.key(), ActivityId::parse));
        Place::of(standing(&self.after), standing(&self.before))
    }
}

#[derive(Template)]
#[template(path = "accounts/security/events.html")]
struct EventsPage {
    layout: Layout,
    events: Vec<EventRow>,
    newer: Option<String>,
    older: Option<String>,
}

fn address(side: &str, entry: &Entry) -> String {
    format!("{EVENTS}?{side}={}", Cursor::after(&entry.standing().to_string()).encoded())
}

pub async fn show(
    context: PageContext,
    signed_in: SignedIn,
    query: Query<EventQuery>,
) -> Result<HttpResponse, AppError> {
    let place = query.0.place();
    context
        .show(move |connection, layout| {
            let holder = &signed_in.person.user_id;
            let part = listing::of_account(connection, holder, &place, PAGE)?;
            let newer = part.rows.first().filter(|_| part.has_previous);
            let older = part.rows.last().filter(|_| part.has_next);
            Ok(EventsPage {
                newer: newer.map(|entry| address("before", entry)),
                older: older.map(|entry| address("after", entry)),
                events: part.rows.iter().map(|entry| EventRow::new(&layout, holder, entry)).collect(),
                layout: layout.at(Section::Security),
            })
        })
        .await
}
