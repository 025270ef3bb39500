//! `/organizations/{slug}/notifications/log`: what was sent to whom, and whether it arrived.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::NotificationId;
use crate::mail::Undeliverable;
use crate::notifications::kinds::{Kind, Occasion};
use crate::notifications::log::{self, Delivery, Place, Sent};
use crate::notifications::pages::form::label;
use crate::time::When;
use crate::web::{Layout, PageContext, Query, Section};

const PAGE: usize = 50;

/// Which part of the log is shown: the ids around which it stands.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LogQuery {
    after: String,
    before: String,
}

impl LogQuery {
    fn place(&self) -> Place {
        Place::of(NotificationId::parse(&self.after), NotificationId::parse(&self.before))
    }
}

struct LogRow {
    at: When,
    what: &'static str,
    subject: String,
    recipient: String,
    status: &'static str,
    mark: &'static str,
    /// Why it was not delivered.
    reason: &'static str,
}

#[derive(Template)]
#[template(path = "notifications/log.html")]
struct LogPage {
    layout: Layout,
    slug: String,
    rows: Vec<LogRow>,
    newer: Option<String>,
    older: Option<String>,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<LogQuery>) -> Result<HttpResponse, AppError> {
    let place = query.0.place();
    context
        .show(move |connection, layout| {
            let part = log::read(connection, scope.organization_id(), &place, PAGE)?;
            let page = scope.path("/notifications/log");
            let newer = part.rows.first().filter(|_| part.has_previous);
            let older = part.rows.last().filter(|_| part.has_next);
            Ok(LogPage {
                slug: scope.slug().to_owned(),
                newer: newer.map(|first| format!("{page}?before={}", first.id)),
                older: older.map(|last| format!("{page}?after={}", last.id)),
                rows: part.rows.into_iter().map(|sent| row(&layout, sent)).collect(),
                layout: layout.at(Section::Notifications),
            })
        })
        .await
}

fn row(layout: &Layout, sent: Sent) -> LogRow {
    let (status, mark, reason) = match sent.delivery() {
        Delivery::Waiting => ("Waiting", "pending", ""),
        Delivery::Delivered(_) => ("Delivered", "active", ""),
        Delivery::Failed(reason) => ("Failed", "expired", why(reason)),
    };
    let (at, what) = (layout.when(sent.sent_at), what(sent.occasion));
    LogRow { at, what, subject: sent.subject, recipient: sent.recipient, status, mark, reason }
}

fn what(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Expiring => label(Kind::Expiring),
        Occasion::Expired => label(Kind::Expired),
        Occasion::LowCredits => label(Kind::LowCredits),
        Occasion::Payments => label(Kind::Payments),
        Occasion::Test => "Test",
        Occasion::Confirmation => "Confirmation",
    }
}

fn why(reason: Undeliverable) -> &'static str {
    match reason {
        Undeliverable::NoMailbox => "There is no such mailbox.",
        Undeliverable::MailboxClosed => "The mailbox is full or switched off.",
        Undeliverable::Refused => "Their mail server refused it.",
        Undeliverable::Unreachable => "No mail server took it for three days.",
        Undeliverable::Dropped => "It was taken out of the queue.",
    }
}
