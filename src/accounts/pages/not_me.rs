//! `/not-me/{token}`: the page behind the link in the mail about a sign-in with a new browser.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::accounts::{not_me, sign_in_notices};
use crate::error::AppError;
use crate::network::wide_network_of;
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::{Layout, LinkUnusable, PageContext, browser, path_text, security_event_of};

#[derive(Template)]
#[template(path = "accounts/not_me.html")]
struct NotMePage {
    layout: Layout,
    token: String,
    email: String,
    at: When,
    ip: String,
    /// Empty where it is not known.
    browser: String,
}

#[derive(Template)]
#[template(path = "accounts/not_me_done.html")]
struct DonePage {
    layout: Layout,
    email: String,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link no longer works",
    sentence: "It was used already, it is older than 7 days, or it was not copied whole. \
        If you think that somebody else uses your account, choose a new password: that signs everybody out.",
    action_href: Cow::Borrowed("/forgot-password"),
    action_label: "Choose a new password",
};

/// Opening the link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, now) = (path_text(&request, "token"), context.app.now());
    let secret = Secret::presented(&token);
    let found = context.app.read(move |connection| sign_in_notices::find(connection, &secret, now)).await?;
    let Some(told) = found else { return UNUSABLE.show(&request, context).await };
    context
        .show(move |_, layout| {
            let at = layout.when(told.at);
            Ok(NotMePage { layout, token, email: told.email, at, ip: told.ip, browser: told.browser })
        })
        .await
}

pub async fn submit(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (secret, browser, now) =
        (Secret::presented(&path_text(&request, "token")), browser(&request), context.app.now());
    let looked_up = secret.clone();
    let found = context.app.read(move |connection| sign_in_notices::find(connection, &looked_up, now)).await?;
    if found.is_none() {
        return UNUSABLE.show(&request, context).await;
    }
    // Nobody knows this password, and its hash costs what any other does.
    let turn = context.app.passwords.turn(&wide_network_of(&browser.ip)).await?;
    let closed = context.app.passwords.hash(turn, Secret::random().as_str().to_owned()).await?;
    let done = context.app.write(move |tx| not_me::disown(tx, &secret, &closed, &browser.ip)).await?;
    let Some(email) = done else { return UNUSABLE.show(&request, context).await };
    security_event_of(&request, Event::SignInDisowned, Outcome::Success, &email);
    context.show(move |_, layout| Ok(DonePage { layout, email })).await
}
