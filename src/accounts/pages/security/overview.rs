//! `/account/security`.

use actix_web::HttpResponse;
use askama::Template;

use super::events::EventRow;
use crate::access::SignedIn;
use crate::accounts::email_changes;
use crate::accounts::sessions::{self, Listed};
use crate::accounts::user_agent;
use crate::accounts::ways_in;
use crate::activity::listing::{self, Place};
use crate::error::AppError;
use crate::ids::SessionId;
use crate::time::When;
use crate::web::{Layout, PageContext, Section};

/// How many events are shown; all of them have a page of their own.
const LATEST: usize = 5;

/// A browser in which somebody is signed in.
struct Row {
    id: SessionId,
    /// `Firefox on Windows`; empty where it is not known.
    browser: String,
    ip: String,
    began: When,
    seen: When,
    is_this: bool,
}

impl Row {
    fn new(layout: &Layout, signed_in: &SignedIn, session: Listed) -> Self {
        let Listed { id, created_at, last_seen_at, ip, user_agent } = session;
        Self {
            is_this: id == signed_in.session_id,
            browser: user_agent::words(&user_agent).unwrap_or_default(),
            began: layout.when(created_at),
            seen: layout.when(last_seen_at),
            id,
            ip,
        }
    }

    /// What a button calls it.
    fn called(&self) -> &str {
        if self.browser.is_empty() { "an unknown browser" } else { &self.browser }
    }
}

/// An address that waits for its confirmation.
struct Waiting {
    email: String,
    until: When,
}

/// The second step, while it is on.
struct TwoFactor {
    since: When,
    codes_left: i64,
}

#[derive(Template)]
#[template(path = "accounts/security/overview.html")]
struct SecurityPage {
    layout: Layout,
    email: String,
    waiting: Option<Waiting>,
    /// How many there are.
    passkeys: i64,
    two_factor: Option<TwoFactor>,
    rows: Vec<Row>,
    /// The latest.
    events: Vec<EventRow>,
}

impl SecurityPage {
    fn has_others(&self) -> bool {
        self.rows.iter().any(|row| !row.is_this)
    }
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let now = context.app.now();
    context
        .show(move |connection, layout| {
            let layout = layout.at(Section::Security);
            let user = &signed_in.person.user_id;
            let pending = email_changes::of_user(connection, user, now)?;
            let waiting =
                pending.map(|pending| Waiting { email: pending.new_email, until: layout.when(pending.expires_at) });
            let ways_in = ways_in::of_user(connection, user)?;
            let two_factor =
                ways_in.two_factor.map(|on| TwoFactor { since: layout.when(on.since), codes_left: on.codes_left });
            let sessions = sessions::of_user(connection, user, now)?;
            let rows = sessions.into_iter().map(|session| Row::new(&layout, &signed_in, session)).collect();
            let latest = listing::of_account(connection, user, &Place::Start, LATEST)?;
            let events = latest.rows.iter().map(|entry| EventRow::new(&layout, user, entry)).collect();
            let email = signed_in.person.email.clone();
            Ok(SecurityPage { email, layout, waiting, passkeys: ways_in.passkeys, two_factor, rows, events })
        })
        .await
}
