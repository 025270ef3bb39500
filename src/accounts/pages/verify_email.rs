//! `/verify-email`: turning a sign-up into an account.
//!
//! Opening the link changes nothing, since mail scanners open links. The button counts in the browser that signed up; in any
//! other, the password chosen then is asked for.

use actix_session::Session;
use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::accounts::pages::sign_up::SIGN_UP_COOKIE_KEY;
use crate::accounts::users::NewUser;
use crate::accounts::{sessions, sign_ups};
use crate::app::App;
use crate::config::SignUp;
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::passwords::Checked;
use crate::people::offers;
use crate::rates::Limit;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, LinkUnusable, PageContext, Query, browser, remember, security_event_of,
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct VerifyForm {
    token: String,
    password: String,
}

#[derive(Template)]
#[template(path = "accounts/verify_email.html")]
struct VerifyEmailPage {
    layout: Layout,
    token: String,
    email: String,
    needs_password: bool,
    errors: FieldErrors,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link no longer works",
    sentence: "It was used already, it is older than 24 hours, or it was not copied whole. \
        If you confirmed your address before, sign in. Otherwise sign up again to get a new link.",
    action_href: Cow::Borrowed("/sign-in"),
    action_label: "Sign in",
};

/// The sign-up behind a link, and whether the password must be asked for.
async fn sign_up_behind(context: &PageContext, secret: &Secret) -> Result<Option<(NewUser, bool)>, AppError> {
    let (looked_up, now) = (secret.clone(), context.app.now());
    let found = context.app.read(move |connection| sign_ups::find(connection, &looked_up, now)).await?;
    Ok(found.map(|new| (new, !was_made_here(&context.session, secret))))
}

fn was_made_here(session: &Session, secret: &Secret) -> bool {
    session.get::<String>(SIGN_UP_COOKIE_KEY).ok().flatten().is_some_and(|hash| hash == secret.hash())
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    query: Query<VerifyForm>,
) -> Result<HttpResponse, AppError> {
    let token = query.0.token;
    let Some((new, needs_password)) = sign_up_behind(&context, &Secret::presented(&token)).await? else {
        return UNUSABLE.show(&request, context).await;
    };
    let (email, errors) = (new.email, FieldErrors::none());
    context.show(move |_, layout| Ok(VerifyEmailPage { layout, token, email, needs_password, errors })).await
}

/// Whether the password is the one of the sign-up. Tries are counted.
async fn is_password_of(
    app: &App,
    new: &NewUser,
    secret: &Secret,
    password: String,
    network: &str,
) -> Result<bool, AppError> {
    let bucket = secret.hash();
    app.write(move |tx| tx.take(Limit::LinkPasswords, &bucket)).await?.or_refuse()?;
    let turn = app.passwords.turn(network).await?;
    Ok(app.passwords.check(turn, password, Some(new.password_hash.clone())).await? != Checked::Wrong)
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<VerifyForm>,
) -> Result<HttpResponse, AppError> {
    let VerifyForm { token, password } = form.0;
    let secret = Secret::presented(&token);
    let Some((new, needs_password)) = sign_up_behind(&context, &secret).await? else {
        return UNUSABLE.show(&request, context).await;
    };
    let browser = browser(&request);
    let network = wide_network_of(&browser.ip);
    if needs_password && !is_password_of(&context.app, &new, &secret, password, &network).await? {
        security_event_of(&request, Event::Verification, Outcome::Refused, &new.email);
        let (email, errors) =
            (new.email, FieldErrors::field_only("password", "This is not the password chosen at sign-up."));
        let build = move |_: &mut _, layout| Ok(VerifyEmailPage { layout, token, email, needs_password, errors });
        return context.show_as(StatusCode::UNPROCESSABLE_ENTITY, build).await;
    }
    // Where only invited people get an account, the invitation may have ended since the message was sent.
    let (invited_only, email) = (context.app.config.sign_up == SignUp::Invited, new.email.clone());
    let started = context.app.write(move |tx| {
        let now = tx.now;
        if invited_only && !offers::is_invited(tx.connection, &email, now)? {
            return Ok(None);
        }
        let Some(person) = sign_ups::confirm(tx, &secret, &browser.ip)? else { return Ok(None) };
        sessions::start(tx, &person.user_id, &browser).map(Some)
    });
    let Some(session) = started.await? else {
        return UNUSABLE.show(&request, context).await;
    };
    security_event_of(&request, Event::Verification, Outcome::Success, &new.email);
    context.session.remove(SIGN_UP_COOKIE_KEY);
    let message = "Your e-mail address is confirmed. Welcome!";
    remember(&request, &session, context.lead_to("/home", FlashKind::Success, message))
}
