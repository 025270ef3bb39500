//! `/sign-in/two-factor` and `/sign-in/recovery-code`: what follows the right password where the account asks for more. A passkey
//! is taken by `passkey_second_step.rs`.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::{come_back, passkey_form};
use crate::accounts::sessions::{Browser, Started};
use crate::accounts::two_factor::second_step::{self, Destination, Given, Outcome as Step, Pending};
use crate::accounts::ways_in;
use crate::error::AppError;
use crate::secrets::Secret;
use crate::security::{Event, Outcome, Who};
use crate::time::duration;
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, browser, remember, security_event_by, see_other,
    with_retry_after,
};

pub(super) const PATH: &str = "/sign-in/two-factor";
/// By what the private cookie knows the secret of what waits.
const KEY: &str = "second-step";

/// Hands the secret to the browser whose password was right, and leads on.
pub(super) fn lead_on(session: &Session, pending: &Secret) -> Result<HttpResponse, AppError> {
    session
        .insert(KEY, pending.as_str())
        .map_err(|error| AppError::Internal(format!("the session cookie cannot be set: {error}")))?;
    Ok(see_other(PATH))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CodeForm {
    #[serde(deserialize_with = "one_line")]
    code: String,
}

/// Which of the two pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A code of the app, a passkey, or either.
    First,
    Recovery,
}

/// A sign-in that waits in this browser, and what its holder has for the second step.
pub(super) struct Waiting {
    pub secret: Secret,
    pub pending: Pending,
    has_app: bool,
    has_passkeys: bool,
}

#[derive(Template)]
#[template(path = "accounts/second_step.html")]
struct SecondStepPage {
    layout: Layout,
    email: String,
    is_recovery: bool,
    has_app: bool,
    has_passkeys: bool,
    /// Where the browser must have opened the page to use a passkey.
    passkey_origin: String,
    errors: FieldErrors,
}

pub(super) async fn page(
    context: PageContext,
    status: StatusCode,
    waiting: Waiting,
    kind: Kind,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let Waiting { pending: Pending { email, .. }, has_app, has_passkeys, .. } = waiting;
    let (passkey_origin, is_recovery) = (passkey_form::origin(&context.app), kind == Kind::Recovery);
    let build =
        move |layout| SecondStepPage { layout, email, is_recovery, has_app, has_passkeys, passkey_origin, errors };
    context.show_plain(status, build).await
}

/// What this browser waits for.
pub(super) async fn waiting(context: &PageContext) -> Result<Option<Waiting>, AppError> {
    let Some(text) = context.session.get::<String>(KEY).ok().flatten() else { return Ok(None) };
    let (secret, now) = (Secret::presented(&text), context.app.now());
    let read = context.app.read(move |connection| {
        let Some(pending) = second_step::find(connection, &secret, now)? else { return Ok(None) };
        let ways_in = ways_in::of_user(connection, &pending.user_id)?;
        Ok(Some(Waiting { secret, pending, has_app: ways_in.has_app, has_passkeys: ways_in.passkeys > 0 }))
    });
    read.await
}

/// Back to the password. What was there to wait for is over, if anything was.
pub(super) fn begin_anew(context: &PageContext) -> HttpResponse {
    if context.session.remove(KEY).is_none() {
        // Which leads on whoever is signed in.
        return see_other("/sign-in");
    }
    let sentence = "That took too long, or your password was changed meanwhile. Nothing was done. Sign in again.";
    context.lead_to("/sign-in", FlashKind::Notice, sentence)
}

async fn show_kind(context: PageContext, kind: Kind) -> Result<HttpResponse, AppError> {
    let Some(waiting) = waiting(&context).await? else { return Ok(begin_anew(&context)) };
    page(context, StatusCode::OK, waiting, kind, FieldErrors::none()).await
}

pub async fn show(context: PageContext) -> Result<HttpResponse, AppError> {
    show_kind(context, Kind::First).await
}

pub async fn show_recovery(context: PageContext) -> Result<HttpResponse, AppError> {
    show_kind(context, Kind::Recovery).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<CodeForm>,
) -> Result<HttpResponse, AppError> {
    take(request, context, form.0.code, Kind::First).await
}

pub async fn submit_recovery(
    request: HttpRequest,
    context: PageContext,
    form: Form<CodeForm>,
) -> Result<HttpResponse, AppError> {
    take(request, context, form.0.code, Kind::Recovery).await
}

async fn take(request: HttpRequest, context: PageContext, code: String, kind: Kind) -> Result<HttpResponse, AppError> {
    let Some(waiting) = waiting(&context).await? else { return Ok(begin_anew(&context)) };
    if code.is_empty() {
        let sentence = match kind {
            Kind::First => "Enter the code that your app shows.",
            Kind::Recovery => "Enter one of your recovery codes.",
        };
        let errors = FieldErrors::field_only("code", sentence);
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, waiting, kind, errors).await;
    }
    let detail = if kind == Kind::First { "app" } else { "recovery code" };
    let tell = |outcome, user| security_event_by(&request, Event::SecondStep, outcome, Who::User(user), detail);
    let errors = match step(&context, waiting.secret.clone(), code, kind, browser(&request)).await? {
        Step::SignedIn(session, destination) => {
            return signed_in(&request, &context, &session, &destination, detail).await;
        }
        Step::Gone => return Ok(begin_anew(&context)),
        Step::TooOften(user, too_often) => {
            tell(Outcome::Limited, &user);
            let wait = duration(too_often.retry_after);
            let sentence = format!("Too many wrong codes. Wait {wait} and try again, or reset your password.");
            let errors = FieldErrors::form_only(sentence);
            let answer = page(context, StatusCode::TOO_MANY_REQUESTS, waiting, kind, errors).await?;
            return Ok(with_retry_after(answer, too_often));
        }
        Step::Wrong(user) => {
            tell(Outcome::Refused, &user);
            FieldErrors::field_only("code", wrong(kind))
        }
        Step::Used(user) => {
            tell(Outcome::Refused, &user);
            FieldErrors::field_only("code", "This code was used before. Wait for the next one and enter that.")
        }
    };
    page(context, StatusCode::UNPROCESSABLE_ENTITY, waiting, kind, errors).await
}

/// Leads on whoever has taken the second step, by what `detail` tells the log.
pub(super) async fn signed_in(
    request: &HttpRequest,
    context: &PageContext,
    session: &Started,
    destination: &Destination,
    detail: &str,
) -> Result<HttpResponse, AppError> {
    let tell = |event, detail| security_event_by(request, event, Outcome::Success, Who::User(&session.holder), detail);
    tell(Event::SecondStep, detail);
    tell(Event::SignIn, "two-factor");
    context.session.remove(KEY);
    let Destination { next, kept } = destination;
    let target = come_back::target(context, &session.holder, next, kept, come_back::SIGNED_OUT).await;
    remember(request, session, see_other(&target))
}

fn wrong(kind: Kind) -> &'static str {
    match kind {
        Kind::First => {
            "This is not the code that your app shows now. Look whether the clock of the device is right, and enter the next code."
        }
        Kind::Recovery => "This is none of your recovery codes, or it was used before.",
    }
}

async fn step(
    context: &PageContext,
    secret: Secret,
    code: String,
    kind: Kind,
    browser: Browser,
) -> Result<Step, AppError> {
    let take = context.app.write(move |tx| {
        let given = match kind {
            Kind::First => Given::Code(&code),
            Kind::Recovery => Given::RecoveryCode(&code),
        };
        second_step::take(tx, &secret, given, &browser)
    });
    take.await
}
