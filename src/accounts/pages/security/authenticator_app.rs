//! `/account/security/two-factor/app`: setting up an authenticator app, and removing it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::TWO_FACTOR;
use super::shown_codes;
use super::two_factor::OFF;
use crate::access::SignedIn;
use crate::accounts::two_factor::{self, AddApp, QrCode, RemoveApp, SetUp};
use crate::accounts::ways_in;
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::web::form::rules::one_line;
use crate::web::{FieldErrors, FlashKind, Form, Layout, Next, PageContext, Query, Section, security_event};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    /// What the page showed, sealed.
    set_up: String,
    #[serde(deserialize_with = "one_line")]
    code: String,
    /// Where to go once it is on.
    #[serde(deserialize_with = "one_line")]
    next: String,
}

#[derive(Template)]
#[template(path = "accounts/two_factor/set_up.html")]
struct SetUpPage {
    layout: Layout,
    set_up: String,
    qr: QrCode,
    key: String,
    uri: String,
    next: String,
    errors: FieldErrors,
}

/// The page with the app that the form was about, or with a new one.
async fn set_up_page(
    context: PageContext,
    status: StatusCode,
    signed_in: &SignedIn,
    (sealed, next): (&str, &str),
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let (person, now) = (&signed_in.person, context.app.now());
    let sealer = &context.app.context.sealer;
    let asked = SetUp::open(sealer, &person.user_id, sealed, now).unwrap_or_else(|| SetUp::new(now));
    let (set_up, generator) = (asked.sealed(sealer, &person.user_id), asked.generator(&person.email));
    let next = next.to_owned();
    let build = move |_: &mut _, layout: Layout| {
        let (qr, key, uri) = (generator.qr_code(), generator.key(), generator.uri());
        Ok(SetUpPage { layout: layout.at(Section::Security), set_up, qr, key, uri, next, errors })
    };
    context.show_as(status, build).await
}

const ALREADY: &str = "You have an authenticator app already. To use another one, remove it first.";

pub async fn show(context: PageContext, signed_in: SignedIn, query: Query<Next>) -> Result<HttpResponse, AppError> {
    let user = signed_in.person.user_id.clone();
    if context.app.read(move |connection| ways_in::of_user(connection, &user)).await?.has_app {
        return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, ALREADY));
    }
    // The app that was scanned before somebody had to confirm who they are.
    let scanned = context.filled_in("set_up").unwrap_or_default();
    let next = context.filled_in("next").unwrap_or(query.0.next);
    set_up_page(context, StatusCode::OK, &signed_in, (&scanned, &next), FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<SetUpForm>,
) -> Result<HttpResponse, AppError> {
    let Form(SetUpForm { set_up, code, next }) = form;
    let shown = (&*set_up, &*next);
    if code.is_empty() {
        let errors = FieldErrors::field_only("code", "Enter the code that the app shows.");
        return set_up_page(context, StatusCode::UNPROCESSABLE_ENTITY, &signed_in, shown, errors).await;
    }
    let (person, sent) = (signed_in.person.clone(), set_up.clone());
    let errors = match context.app.write(move |tx| two_factor::add_app(tx, &person, &sent, &code)).await? {
        AddApp::On(codes) => {
            security_event(&request, Event::TwoFactor, Outcome::Success, "on");
            return shown_codes::shown(context, codes, Some(&next)).await;
        }
        AddApp::Added => {
            security_event(&request, Event::TwoFactor, Outcome::Success, "app added");
            return Ok(context.lead_to(TWO_FACTOR, FlashKind::Success, "The authenticator app is added."));
        }
        AddApp::Already => return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, ALREADY)),
        AddApp::Wrong => FieldErrors::field_only(
            "code",
            "This is not the code that the app shows now. Look whether the clock of the device is right, and enter the next code.",
        ),
        AddApp::Outdated => {
            FieldErrors::form_only("This page was open for too long. Scan the new picture and enter the code for it.")
        }
    };
    security_event(&request, Event::TwoFactor, Outcome::Refused, "on");
    set_up_page(context, StatusCode::UNPROCESSABLE_ENTITY, &signed_in, shown, errors).await
}

#[derive(Template)]
#[template(path = "accounts/two_factor/app_remove.html")]
struct RemovePage {
    layout: Layout,
    /// Whether anything is left for the second step then.
    has_passkeys: bool,
}

/// `/account/security/two-factor/app/remove`
pub async fn confirm_removal(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let ways_in = ways_in::of_user(connection, &signed_in.person.user_id)?;
            let has_passkeys = ways_in.passkeys > 0;
            ways_in.has_app.then_some(()).ok_or(AppError::NotFound)?;
            Ok(RemovePage { layout: layout.at(Section::Security), has_passkeys })
        })
        .await
}

pub async fn remove(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let (what, message) = match context.app.write(move |tx| two_factor::remove_app(tx, &signed_in.person)).await? {
        RemoveApp::Removed => ("app removed", "The app is removed. Delete the account from it, too."),
        RemoveApp::TurnedOff => ("off", OFF),
        RemoveApp::None => return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, "You have no authenticator app.")),
    };
    security_event(&request, Event::TwoFactor, Outcome::Success, what);
    Ok(context.lead_to(TWO_FACTOR, FlashKind::Success, message))
}
