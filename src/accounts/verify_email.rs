//! `/verify-email`: turning a sign-up into an account.
//!
//! Opening the link changes nothing, since mail scanners open links. The button counts in the browser that signed up; in any
//! other, the password chosen then is asked for.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::accounts::model::{self, NewUser};
use crate::accounts::sessions;
use crate::accounts::sign_up::SIGN_UP_COOKIE_KEY;
use crate::limits::{VERIFY_PASSWORD, WRONG_LINK_ADDRESS};
use crate::passwords::Checked;
use crate::secrets::Secret;
use crate::web::{
    AppError, FieldErrors, FlashKind, Form, Layout, PageContext, Query, client_address, flash, network_of, see_other,
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

#[derive(Template)]
#[template(path = "accounts/link_unusable.html")]
pub struct LinkUnusablePage {
    pub layout: Layout,
    pub heading: &'static str,
    pub sentence: &'static str,
    pub action_href: &'static str,
    pub action_label: &'static str,
}

/// A link that does not work. Tries from one network are counted, so that nobody guesses for long.
pub async fn link_unusable(
    request: &HttpRequest,
    context: PageContext,
    heading: &'static str,
    sentence: &'static str,
    action: (&'static str, &'static str),
) -> Result<HttpResponse, AppError> {
    let network = network_of(&client_address(request, &context.app.config));
    context.app.write(move |tx| tx.take(WRONG_LINK_ADDRESS, &network).map_err(AppError::from)).await??;
    let (action_href, action_label) = action;
    context
        .show_as(StatusCode::NOT_FOUND, move |_, layout| {
            Ok(LinkUnusablePage { layout, heading, sentence, action_href, action_label })
        })
        .await
}

async fn unusable(request: &HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    const SENTENCE: &str = "It was used already, it is older than 24 hours, or it was not copied whole. \
        If you confirmed your address before, sign in. Otherwise sign up again to get a new link.";
    link_unusable(request, context, "This link no longer works", SENTENCE, ("/sign-in", "Sign in")).await
}

/// The sign-up behind a link, and whether the password must be asked for.
async fn sign_up_behind(context: &PageContext, secret: &Secret) -> Result<Option<(NewUser, bool)>, AppError> {
    let (looked_up, now) = (secret.clone(), context.app.clock.now());
    let found = context
        .app
        .read(move |connection| model::find_sign_up(connection, &looked_up, now).map_err(AppError::from))
        .await?;
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
        return unusable(&request, context).await;
    };
    let (email, errors) = (new.email, FieldErrors::none());
    context.show(move |_, layout| Ok(VerifyEmailPage { layout, token, email, needs_password, errors })).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    form: Form<VerifyForm>,
) -> Result<HttpResponse, AppError> {
    let VerifyForm { token, password } = form.0;
    let secret = Secret::presented(&token);
    let Some((new, needs_password)) = sign_up_behind(&context, &secret).await? else {
        return unusable(&request, context).await;
    };
    let app = context.app.clone();
    if needs_password {
        let bucket = secret.hash();
        app.write(move |tx| tx.take(VERIFY_PASSWORD, &bucket).map_err(AppError::from)).await??;
        let turn = app.passwords.turn().await?;
        if app.passwords.check(turn, password, Some(new.password_hash)).await? == Checked::Wrong {
            let errors = FieldErrors::field_only("password", "This is not the password chosen at sign-up.");
            let email = new.email;
            return context
                .show_as(StatusCode::UNPROCESSABLE_ENTITY, move |_, layout| {
                    Ok(VerifyEmailPage { layout, token, email, needs_password, errors })
                })
                .await;
        }
    }
    let address = client_address(&request, &app.config);
    let user_agent = sessions::user_agent(&request);
    let previous = context.signed_in.as_ref().map(|signed_in| signed_in.session_id.clone());
    let session = app
        .write(move |tx| {
            let Some(user) = model::confirm_sign_up(tx, &secret, &address)? else { return Ok(None) };
            if let Some(previous) = previous {
                sessions::end(tx, &previous)?;
            }
            Ok::<_, AppError>(Some(sessions::start(tx, &user, &address, &user_agent)?))
        })
        .await?;
    let Some(session) = session else {
        return unusable(&request, context).await;
    };
    sessions::remember(&request, &session)?;
    context.session.remove(SIGN_UP_COOKIE_KEY);
    flash(&context.session, FlashKind::Success, "Your e-mail address is confirmed. Welcome!");
    Ok(see_other("/home"))
}
