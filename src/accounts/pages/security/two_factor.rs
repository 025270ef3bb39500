//! `/account/security/two-factor`: setting it up, and what there is of it once it is on.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::own_password::{OwnPassword, own_password};
use super::shown_codes;
use super::{PATH, TWO_FACTOR};
use crate::access::SignedIn;
use crate::accounts::password_change;
use crate::accounts::two_factor::{self, QrCode, SetUp, State, TurnOn};
use crate::error::AppError;
use crate::limits::TooOften;
use crate::organizations::listing::{self, NAMED};
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, Query, Section, security_event, too_often_sentence,
    with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    /// What the page showed, sealed.
    set_up: String,
    #[serde(deserialize_with = "one_line")]
    code: String,
    current_password: String,
    /// Where to go once it is on.
    #[serde(deserialize_with = "one_line")]
    next: String,
}

/// What the address of its page says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SetUpQuery {
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

#[derive(Template)]
#[template(path = "accounts/two_factor/on.html")]
struct OnPage {
    layout: Layout,
    since: When,
    codes_left: i64,
}

pub async fn show(
    context: PageContext,
    signed_in: SignedIn,
    query: Query<SetUpQuery>,
) -> Result<HttpResponse, AppError> {
    let Some(State { since, codes_left }) = state(&context, &signed_in).await? else {
        return set_up_page(context, StatusCode::OK, &signed_in, ("", &query.0.next), FieldErrors::none()).await;
    };
    context
        .show(move |_, layout| {
            let layout = layout.at(Section::Security);
            Ok(OnPage { since: layout.when(since), layout, codes_left })
        })
        .await
}

pub(super) async fn state(context: &PageContext, signed_in: &SignedIn) -> Result<Option<State>, AppError> {
    let user = signed_in.person.user_id.clone();
    context.app.read(move |connection| two_factor::state(connection, &user)).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<SetUpForm>,
) -> Result<HttpResponse, AppError> {
    let Form(SetUpForm { set_up, code, current_password, next }) = form;
    let shown = (&*set_up, &*next);
    let mut errors = FieldErrors::none();
    if code.is_empty() {
        errors.add("code", "Enter the code that the app shows.");
    }
    if current_password.is_empty() {
        errors.add("current_password", "Enter your current password.");
    }
    if !errors.is_empty() {
        return set_up_page(context, StatusCode::UNPROCESSABLE_ENTITY, &signed_in, shown, errors).await;
    }
    let refused = refused(&request, &context, &signed_in, current_password, "on").await?;
    if let Some(Refused { status, errors, too_often }) = refused {
        return Ok(with_wait(set_up_page(context, status, &signed_in, shown, errors).await?, too_often));
    }
    let (person, sent) = (signed_in.person.clone(), set_up.clone());
    let outcome = context.app.write(move |tx| two_factor::turn_on(tx, &person, &sent, &code)).await?;
    let errors = match outcome {
        TurnOn::On(codes) => {
            security_event(&request, Event::TwoFactor, Outcome::Success, "on");
            return shown_codes::shown(context, codes, Some(&next)).await;
        }
        TurnOn::Already => {
            return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, "Two-factor authentication is on already."));
        }
        TurnOn::Wrong => FieldErrors::field_only(
            "code",
            "This is not the code that the app shows now. Look whether the clock of the device is right, and enter the next code.",
        ),
        TurnOn::Outdated => {
            FieldErrors::form_only("This page was open for too long. Scan the new picture and enter the code for it.")
        }
    };
    security_event(&request, Event::TwoFactor, Outcome::Refused, "on");
    set_up_page(context, StatusCode::UNPROCESSABLE_ENTITY, &signed_in, shown, errors).await
}

/// How the page of a form comes back that asks for the password, and is refused for it.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) errors: FieldErrors,
    /// When to come back, if too much was tried.
    pub(super) too_often: Option<TooOften>,
}

pub(super) fn with_wait(page: HttpResponse, too_often: Option<TooOften>) -> HttpResponse {
    match too_often {
        Some(too_often) => with_retry_after(page, too_often),
        None => page,
    }
}

/// Whether the password is none of the holder's. `what` is for the log.
pub(super) async fn refused(
    request: &HttpRequest,
    context: &PageContext,
    signed_in: &SignedIn,
    password: String,
    what: &str,
) -> Result<Option<Refused>, AppError> {
    Ok(match own_password(context, signed_in, password).await? {
        OwnPassword::Right(known) => {
            context.app.write(move |tx| password_change::was_right(tx, &known.id)).await?;
            None
        }
        OwnPassword::Wrong => {
            security_event(request, Event::TwoFactor, Outcome::Refused, what);
            let errors = FieldErrors::field_only("current_password", "This is not your current password.");
            Some(Refused { status: StatusCode::UNPROCESSABLE_ENTITY, errors, too_often: None })
        }
        OwnPassword::TooOften(too_often) => {
            security_event(request, Event::TwoFactor, Outcome::Limited, what);
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            Some(Refused { status: StatusCode::TOO_MANY_REQUESTS, errors, too_often: Some(too_often) })
        }
    })
}

/// What the other two forms hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PasswordForm {
    pub(super) current_password: String,
}

#[derive(Template)]
#[template(path = "accounts/two_factor/off.html")]
struct OffPage {
    layout: Layout,
    email: String,
    /// The Organizations that ask for it, the first of them.
    asking: Vec<String>,
    has_more: bool,
    errors: FieldErrors,
}

async fn off_page(context: PageContext, status: StatusCode, errors: FieldErrors) -> Result<HttpResponse, AppError> {
    let email = email_of(&context);
    let user = context.signed_in.as_ref().map(|signed_in| signed_in.person.user_id.clone());
    let build = move |connection: &mut _, layout: Layout| {
        let mut asking = match user {
            Some(user) => listing::requiring_two_factor(connection, &user)?,
            None => Vec::new(),
        };
        let has_more = asking.len() > NAMED;
        asking.truncate(NAMED);
        Ok(OffPage { layout: layout.at(Section::Security), email, asking, has_more, errors })
    };
    context.show_as(status, build).await
}

/// For the password manager of the browser, which asks whose password a form is about.
pub(super) fn email_of(context: &PageContext) -> String {
    context.signed_in.as_ref().map(|signed_in| signed_in.person.email.clone()).unwrap_or_default()
}

/// `/account/security/two-factor/off`
pub async fn show_off(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    state(&context, &signed_in).await?.ok_or(AppError::NotFound)?;
    off_page(context, StatusCode::OK, FieldErrors::none()).await
}

pub async fn turn_off(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    let password = form.0.current_password;
    if password.is_empty() {
        let errors = FieldErrors::field_only("current_password", "Enter your current password.");
        return off_page(context, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
    }
    let refused = refused(&request, &context, &signed_in, password, "off").await?;
    if let Some(Refused { status, errors, too_often }) = refused {
        return Ok(with_wait(off_page(context, status, errors).await?, too_often));
    }
    if !context.app.write(move |tx| two_factor::turn_off(tx, &signed_in.person)).await? {
        return Ok(context.lead_to(PATH, FlashKind::Notice, "Two-factor authentication was off before."));
    }
    security_event(&request, Event::TwoFactor, Outcome::Success, "off");
    let message = "Two-factor authentication is off. Remove the account from your authenticator app, too.";
    Ok(context.lead_to(PATH, FlashKind::Success, message))
}
