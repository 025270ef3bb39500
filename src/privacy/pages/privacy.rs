//! `/account/privacy`: what somebody agreed to, and since when.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;
use strum::IntoEnumIterator;

use super::PATH;
use crate::access::SignedIn;
use crate::error::AppError;
use crate::paging::Place;
use crate::privacy::consents::{self, Consent};
use crate::privacy::exports;
use crate::privacy::kind::Kind;
use crate::time::When;
use crate::web::{Cursor, Layout, PageContext, Query, Section};

/// Changes on a page.
const PAGE: usize = 20;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    after: String,
    before: String,
}

impl HistoryQuery {
    fn place(&self) -> Place<i32> {
        let number = |text: &str| Cursor::decode(text)?.key().parse().ok();
        Place::of(number(&self.after), number(&self.before))
    }
}

/// What can be agreed to, as it is now.
struct Choice {
    kind: Kind,
    is_given: bool,
    /// Where something was ever chosen.
    since: Option<When>,
}

/// A change, as the page shows it.
struct Row {
    kind: Kind,
    given: bool,
    at: When,
    ip: String,
}

/// What was asked for.
struct Export {
    is_ready: bool,
    asked: When,
    until: When,
}

#[derive(Template)]
#[template(path = "privacy/privacy.html")]
struct PrivacyPage {
    layout: Layout,
    choices: Vec<Choice>,
    export: Option<Export>,
    deletion: Option<When>,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
}

fn address(side: &str, consent: &Consent) -> String {
    format!("{PATH}?{side}={}#history", Cursor::after(&consent.number.to_string()).encoded())
}

pub async fn show(
    context: PageContext,
    signed_in: SignedIn,
    query: Query<HistoryQuery>,
) -> Result<HttpResponse, AppError> {
    let (place, now) = (query.0.place(), context.app.now());
    context
        .show(move |connection, layout| {
            let user = &signed_in.person.user_id;
            let held = consents::current(connection, user)?;
            let part = consents::history(connection, user, &place, PAGE)?;
            let export = exports::of_user(connection, user, now)?.map(|export| Export {
                is_ready: export.is_ready(),
                asked: layout.when(export.asked_at),
                until: layout.when(export.expires_at),
            });
            let choices = Kind::iter().map(|kind| {
                let latest = held.get(&kind);
                Choice {
                    kind,
                    is_given: latest.is_some_and(|consent| consent.given),
                    since: latest.map(|consent| layout.when(consent.at)),
                }
            });
            let row = |consent: &Consent| Row {
                kind: consent.kind,
                given: consent.given,
                at: layout.when(consent.at),
                ip: consent.ip.clone(),
            };
            Ok(PrivacyPage {
                choices: choices.collect(),
                export,
                deletion: signed_in.deletion_due_at.map(|due_at| layout.when(due_at)),
                rows: part.rows.iter().map(row).collect(),
                newer: part.rows.first().filter(|_| part.has_previous).map(|first| address("before", first)),
                older: part.rows.last().filter(|_| part.has_next).map(|last| address("after", last)),
                layout: layout.at(Section::Privacy),
            })
        })
        .await
}
