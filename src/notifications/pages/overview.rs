//! `/organizations/{slug}/notifications`: who hears of what.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permission, Scope};
use crate::credits::amount::counted;
use crate::error::AppError;
use crate::notifications::owners::{MOST_OWNERS, Owner, owners};
use crate::notifications::pages::form::labels;
use crate::notifications::recipients::{self, Recipient, State};
use crate::notifications::threshold;
use crate::time::When;
use crate::web::{FieldErrors, Layout, PageContext, Section};

/// An Owner as the page shows them.
struct OwnerRow {
    name: String,
    email: String,
    gets: String,
    is_self: bool,
}

/// Whether a recipient gets mails.
enum Standing {
    Active,
    Asked { until: When },
    Unconfirmed,
    Unsubscribed,
}

struct RecipientRow {
    id: String,
    email: String,
    gets: String,
    standing: Standing,
}

#[derive(Template)]
#[template(path = "notifications/overview.html")]
struct NotificationsPage {
    layout: Layout,
    slug: String,
    is_owner: bool,
    owners: Vec<OwnerRow>,
    /// As many as are told, and there may be more.
    has_many_owners: bool,
    recipients: Vec<RecipientRow>,
    is_full: bool,
    below: String,
    balance: String,
    /// Whether the balance is low now.
    is_low: bool,
    errors: FieldErrors,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK, None, FieldErrors::none()).await
}

/// The page. `typed` stands in the field for the number of credits.
pub(super) async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    typed: Option<String>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let organization = scope.organization_id();
            let owners = owners(connection, organization)?;
            let recipients = recipients::all(connection, organization)?;
            let threshold = threshold::read(connection, organization)?;
            let stored = threshold.below.map(|below| below.to_string()).unwrap_or_default();
            Ok(NotificationsPage {
                slug: scope.slug().to_owned(),
                is_owner: scope.may(Permission::EditSettings),
                has_many_owners: owners.len() == MOST_OWNERS,
                owners: owners.into_iter().map(|owner| owner_row(&scope, owner)).collect(),
                is_full: recipients.len() >= recipients::MOST,
                recipients: recipients.into_iter().map(|one| recipient_row(&layout, one)).collect(),
                below: typed.unwrap_or(stored),
                balance: counted(threshold.balance),
                is_low: threshold.below.is_some_and(|below| threshold.balance < below),
                errors,
                layout: layout.at(Section::Notifications),
            })
        })
        .await
}

fn owner_row(scope: &Scope, owner: Owner) -> OwnerRow {
    let is_self = owner.user_id == scope.person().user_id;
    OwnerRow { name: owner.name(), gets: labels(owner.kinds), email: owner.email, is_self }
}

fn recipient_row(layout: &Layout, recipient: Recipient) -> RecipientRow {
    let standing = match recipient.state(layout.now()) {
        State::Active => Standing::Active,
        State::Asked { until } => Standing::Asked { until: layout.when(until) },
        State::Unconfirmed => Standing::Unconfirmed,
        State::Unsubscribed => Standing::Unsubscribed,
    };
    RecipientRow { id: recipient.id.to_string(), email: recipient.email, gets: labels(recipient.kinds), standing }
}
