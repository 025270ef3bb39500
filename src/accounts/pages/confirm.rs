//! `/sign-in/confirm`: somebody who signed in a while ago proves once more who they are, and goes on with what they were about to do.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Membership, SessionLength, SignedIn};
use crate::accounts::pages::come_back::{self, safe_target};
use crate::accounts::pages::passkey_form;
use crate::accounts::pages::password_check::{PasswordCheck, check_own_password};
use crate::accounts::passkeys;
use crate::accounts::sessions::{self, Browser, Started};
use crate::accounts::sign_in::{self, Settled};
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::limits::TooOften;
use crate::security::{Event, Outcome};
use crate::time::Timestamp;
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, Form, FormPage, Layout, Left, PageContext, Query, browser, keep, remember, security_event, see_other,
    too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConfirmForm {
    pub(super) password: String,
    #[serde(deserialize_with = "one_line")]
    pub(super) next: String,
    /// A form that was not acted on, sealed.
    pub(super) kept: String,
}

#[derive(Template)]
#[template(path = "accounts/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    email: String,
    /// The Organization that asks, and after how long. None where the portal does, since what is asked for is sensitive.
    asking: Option<(String, SessionLength)>,
    form: ConfirmForm,
    errors: FieldErrors,
    /// Where the browser must have opened the page to use a passkey; empty where this person has none.
    passkey_origin: String,
}

pub(super) async fn page(
    context: PageContext,
    status: StatusCode,
    form: ConfirmForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let holder = holder_of(&context, &form)?;
    let origin = passkey_form::origin(&context.app);
    context
        .show_as(status, move |connection, layout| {
            let asking = asking(connection, &holder, &form.next, layout.now())?;
            let has_passkeys = passkeys::count(connection, &holder.person.user_id)? > 0;
            let passkey_origin = if has_passkeys { origin } else { String::new() };
            Ok(ConfirmPage { layout, email: holder.person.email, asking, form, errors, passkey_origin })
        })
        .await
}

/// The Organization to which a path leads, if it lets nobody in who signed in so long ago.
fn asking(
    connection: &mut Connection,
    holder: &SignedIn,
    path: &str,
    now: Timestamp,
) -> Result<Option<(String, SessionLength)>, DbError> {
    let below = path.strip_prefix("/organizations/").unwrap_or_default();
    let slug = below.split(['/', '?']).next().unwrap_or_default();
    if slug.is_empty() {
        return Ok(None);
    }
    let membership = Membership::find(connection, &holder.person.user_id, slug)?;
    let asking = membership.map(|membership| (membership.name, membership.policies.session_length));
    Ok(asking.filter(|(_, length)| length.is_over(holder.authenticated_at, now)))
}

impl ConfirmForm {
    /// Who was signed out meanwhile signs in, which is as good.
    pub(super) fn signed_out(&self) -> AppError {
        AppError::SignInRequired { next: Some(safe_target(&self.next).to_owned()), is_undone: !self.kept.is_empty() }
    }
}

pub(super) fn holder_of(context: &PageContext, form: &ConfirmForm) -> Result<SignedIn, AppError> {
    context.signed_in.clone().ok_or_else(|| form.signed_out())
}

pub async fn show(context: PageContext, query: Query<ConfirmForm>) -> Result<HttpResponse, AppError> {
    let form = ConfirmForm { next: query.0.next, ..ConfirmForm::default() };
    if holder_of(&context, &form)?.is_fresh(context.app.now()) {
        return Ok(see_other(safe_target(&form.next)));
    }
    page(context, StatusCode::OK, form, FieldErrors::none()).await
}

/// The answer to a form that asks for a fresh sign-in: nothing is done, and confirming leads back to the form as it was left.
pub async fn interrupted(
    request: &HttpRequest,
    payload: &mut Payload,
    page: &FormPage,
) -> Result<HttpResponse, AppError> {
    let context = PageContext::extract(request).await?;
    let holder = context.signed_in.as_ref().map(|signed_in| &signed_in.person.user_id);
    let Left { page: next, kept } = keep(request, payload, page, holder).await;
    let form = ConfirmForm { next, kept: kept.unwrap_or_default(), ..ConfirmForm::default() };
    self::page(context, StatusCode::FORBIDDEN, form, FieldErrors::none()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<ConfirmForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let signed_in = holder_of(&context, &form)?;
    if form.password.is_empty() {
        let errors = FieldErrors::field_only("password", "Enter your password.");
        return page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    match by_password(&context, &signed_in, form.password.clone(), browser(&request)).await? {
        Confirmed::Yes(session) => go_on(&request, &context, &session, &form.next, &form.kept, "").await,
        Confirmed::Wrong => {
            security_event(&request, Event::Confirmation, Outcome::Refused, "");
            let errors = FieldErrors::field_only("password", "This is not your current password.");
            page(context, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await
        }
        Confirmed::TooOften(too_often) => {
            security_event(&request, Event::Confirmation, Outcome::Limited, "");
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            Ok(with_retry_after(page(context, StatusCode::TOO_MANY_REQUESTS, form, errors).await?, too_often))
        }
    }
}

enum Confirmed {
    Yes(Started),
    Wrong,
    TooOften(TooOften),
}

async fn by_password(
    context: &PageContext,
    signed_in: &SignedIn,
    password: String,
    browser: Browser,
) -> Result<Confirmed, AppError> {
    let (known, new_hash) = match check_own_password(&context.app, signed_in, password, &browser).await? {
        PasswordCheck::Right { known, new_hash } => (known, new_hash),
        PasswordCheck::Wrong => return Ok(Confirmed::Wrong),
        PasswordCheck::TooOften(too_often) => return Ok(Confirmed::TooOften(too_often)),
    };
    let (signed_in, email) = (signed_in.clone(), signed_in.person.email.clone());
    let confirmed =
        context.app.write(move |tx| match sign_in::settle(tx, &email, &known, new_hash.as_deref(), &browser)? {
            Settled::Valid { .. } => sessions::renew(tx, &signed_in, &browser),
            Settled::Outdated | Settled::Suspended => Ok(None),
        });
    Ok(confirmed.await?.map_or(Confirmed::Wrong, Confirmed::Yes))
}

/// Goes on with what somebody was about to do, by whatever they have proved who they are: `session` is what [`sessions::renew`] began,
/// `detail` is for the log.
pub(super) async fn go_on(
    request: &HttpRequest,
    context: &PageContext,
    session: &Started,
    next: &str,
    kept: &str,
    detail: &str,
) -> Result<HttpResponse, AppError> {
    const RETURN: come_back::Words = come_back::Words {
        filled_in: "Thank you. Nothing was sent yet: this is your form as you left it, without files and passwords.",
        lost: "Thank you. Nothing was sent, and your form could not be kept. Fill it in once more.",
    };
    security_event(request, Event::Confirmation, Outcome::Success, detail);
    let target = come_back::target(context, &session.holder, next, kept, RETURN).await;
    remember(request, session, see_other(&target))
}
