//! `/notifications/unsubscribe/{token}`: no more mails, for whoever has one. Without an account and without a redirect, and from
//! anywhere, so that the button of a mail program works (RFC 8058). Who is signed in here makes no difference.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::error::AppError;
use crate::notifications::pages::confirm::UNUSABLE;
use crate::notifications::unsubscribe::{self, Mailed};
use crate::secrets::Secret;
use crate::web::{Layout, PageContext, client_ip, path_text};

#[derive(Template)]
#[template(path = "notifications/unsubscribe.html")]
struct UnsubscribePage {
    layout: Layout,
    token: String,
    organization: String,
    email: String,
    has_ended: bool,
}

async fn page(
    request: &HttpRequest,
    context: PageContext,
    token: String,
    found: Option<Mailed>,
) -> Result<HttpResponse, AppError> {
    let Some(mailed) = found else { return UNUSABLE.show(request, context).await };
    context
        .show(move |connection, layout| {
            let has_ended = mailed.has_ended(connection)?;
            let Mailed { organization, email, .. } = mailed;
            Ok(UnsubscribePage { layout, token, organization, email, has_ended })
        })
        .await
}

/// Opening the link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let token = path_text(&request, "token");
    let secret = Secret::presented(&token);
    let found = context.app.read(move |connection| unsubscribe::find(connection, &secret)).await?;
    page(&request, context, token, found).await
}

pub async fn submit(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let (token, ip) = (path_text(&request, "token"), client_ip(&request, &context.app.config));
    let secret = Secret::presented(&token);
    let ended = context.app.write(move |tx| unsubscribe::unsubscribe(tx, &secret, &ip)).await?;
    page(&request, context, token, ended).await
}
