//! `/account/security/two-factor`: what an account has for it, turning it on with passkeys, and turning it off.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::shown_codes;
use super::{PASSKEYS, PATH, TWO_FACTOR};
use crate::access::SignedIn;
use crate::accounts::two_factor::{self, TurnOn};
use crate::accounts::ways_in::{self, WaysIn};
use crate::error::AppError;
use crate::organizations::listing::{self, NAMED};
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::{FlashKind, Form, Layout, Next, PageContext, Query, Section, query_string, security_event};

/// While it is on.
struct On {
    since: When,
    codes_left: i64,
}

#[derive(Template)]
#[template(path = "accounts/two_factor/overview.html")]
struct OverviewPage {
    layout: Layout,
    on: Option<On>,
    has_app: bool,
    passkeys: i64,
    /// Whether this portal has a name that passkeys can be made for.
    is_possible: bool,
    next: String,
    /// Where an app is set up, and where a passkey is added. Both lead on.
    app: String,
    new_passkey: String,
}

pub async fn show(context: PageContext, signed_in: SignedIn, query: Query<Next>) -> Result<HttpResponse, AppError> {
    let Query(Next { next }) = query;
    let is_possible = context.app.passkeys.is_some();
    context
        .show(move |connection, layout| {
            let layout = layout.at(Section::Security);
            let WaysIn { two_factor, has_app, passkeys } = ways_in::of_user(connection, &signed_in.person.user_id)?;
            let on = two_factor.map(|on| On { since: layout.when(on.since), codes_left: on.codes_left });
            let on_the_way = query_string([("next", &*next)]);
            let app = format!("{TWO_FACTOR}/app{on_the_way}");
            // A passkey alone does not turn it on: that is done here.
            let back = format!("{TWO_FACTOR}{on_the_way}");
            let new_passkey = format!("{PASSKEYS}/new{}", query_string([("next", &*back)]));
            Ok(OverviewPage { on, layout, app, new_passkey, has_app, passkeys, is_possible, next })
        })
        .await
}

/// `/account/security/two-factor/passkeys`
pub async fn turn_on(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<Next>,
) -> Result<HttpResponse, AppError> {
    context.app.passkeys.as_ref().ok_or(AppError::NotFound)?;
    match context.app.write(move |tx| two_factor::turn_on(tx, &signed_in.person)).await? {
        TurnOn::On(codes) => {
            security_event(&request, Event::TwoFactor, Outcome::Success, "on");
            shown_codes::shown(context, codes, Some(&form.0.next)).await
        }
        TurnOn::Already => {
            Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, "Two-factor authentication is on already."))
        }
        TurnOn::NoPasskey => {
            Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, "You have no passkey. Add one first, or use an app."))
        }
    }
}

#[derive(Template)]
#[template(path = "accounts/two_factor/off.html")]
struct OffPage {
    layout: Layout,
    has_app: bool,
    passkeys: i64,
    /// The Organizations that ask for it, the first of them.
    asking: Vec<String>,
    has_more: bool,
}

/// `/account/security/two-factor/off`
pub async fn show_off(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let user = &signed_in.person.user_id;
            let WaysIn { two_factor, has_app, passkeys } = ways_in::of_user(connection, user)?;
            two_factor.ok_or(AppError::NotFound)?;
            let mut asking = listing::requiring_two_factor(connection, user)?;
            let has_more = asking.len() > NAMED;
            asking.truncate(NAMED);
            Ok(OffPage { layout: layout.at(Section::Security), has_app, passkeys, asking, has_more })
        })
        .await
}

/// What is said once it is off.
pub(super) const OFF: &str =
    "Two-factor authentication is off. If you had an authenticator app, remove the account from it, too.";

pub async fn turn_off(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    if !context.app.write(move |tx| two_factor::turn_off(tx, &signed_in.person)).await? {
        return Ok(context.lead_to(PATH, FlashKind::Notice, "Two-factor authentication was off before."));
    }
    security_event(&request, Event::TwoFactor, Outcome::Success, "off");
    Ok(context.lead_to(PATH, FlashKind::Success, OFF))
}
