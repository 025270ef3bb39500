//! `/notifications/confirm/{token}`: whoever has the mail says that the address wants to hear of an Organization.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::error::AppError;
use crate::notifications::confirm::{self, Asked};
use crate::notifications::pages::form::labels;
use crate::secrets::Secret;
use crate::web::{Layout, LinkUnusable, PageContext, client_ip, path_text};

#[derive(Template)]
#[template(path = "notifications/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    token: String,
    organization: String,
    email: String,
    gets: String,
    is_confirmed: bool,
}

pub(super) const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link no longer works",
    sentence: "It was used already, it is too old, a newer message took its place, or it was not copied whole. \
        If you still want these messages, ask whoever added your address to send another one.",
    action_href: Cow::Borrowed("/sign-in"),
    action_label: "Go to Portico",
};

async fn page(
    request: &HttpRequest,
    context: PageContext,
    (token, found, is_confirmed): (String, Option<Asked>, bool),
) -> Result<HttpResponse, AppError> {
    let Some(asked) = found else { return UNUSABLE.show(request, context).await };
    let gets = labels(asked.kinds);
    let Asked { organization, email, .. } = asked;
    context.show(move |_, layout| Ok(ConfirmPage { layout, token, organization, email, gets, is_confirmed })).await
}

/// Opening the link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, now) = (path_text(&request, "token"), context.app.now());
    let secret = Secret::presented(&token);
    let found = context.app.read(move |connection| confirm::find(connection, &secret, now)).await?;
    page(&request, context, (token, found, false)).await
}

pub async fn submit(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, ip) = (path_text(&request, "token"), client_ip(&request, &context.app.config));
    let secret = Secret::presented(&token);
    let confirmed = context.app.write(move |tx| confirm::confirm(tx, &secret, &ip)).await?;
    page(&request, context, (token, confirmed, true)).await
}
