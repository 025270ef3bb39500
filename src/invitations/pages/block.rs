//! `/invitations/{token}/block`: "no more invitations from this Organization", for whoever has the mail. Without an account, and
//! without a redirect, so that the button of a mail program works, too (RFC 8058).

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::page::unusable;
use crate::db::{DbError, WriteTx};
use crate::error::AppError;
use crate::people::blocks::{self, Mailing};
use crate::secrets::Secret;
use crate::web::{Layout, PageContext, client_ip, path_text};

#[derive(Template)]
#[template(path = "invitations/block.html")]
struct BlockPage {
    layout: Layout,
    token: String,
    organization: String,
    email: String,
    is_blocked: bool,
}

async fn page(
    request: &HttpRequest,
    context: PageContext,
    token: String,
    found: Option<Mailing>,
) -> Result<HttpResponse, AppError> {
    let Some(mailing) = found else { return unusable(request, context).await };
    context
        .show(move |connection, layout| {
            let is_blocked = mailing.is_blocked(connection)?;
            let Mailing { organization, email, .. } = mailing;
            Ok(BlockPage { layout, token, organization, email, is_blocked })
        })
        .await
}

/// Opening the link changes nothing: mail scanners open links.
pub async fn show(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    let token = path_text(&request, "token");
    let secret = Secret::presented(&token);
    let found = context.app.read(move |connection| blocks::find(connection, &secret)).await?;
    page(&request, context, token, found).await
}

type Verb = fn(&mut WriteTx<'_>, &Secret, &str) -> Result<Option<Mailing>, DbError>;

async fn act(request: HttpRequest, context: PageContext, verb: Verb) -> Result<HttpResponse, AppError> {
    let (token, ip) = (path_text(&request, "token"), client_ip(&request, &context.app.config));
    let secret = Secret::presented(&token);
    let found = context.app.write(move |tx| verb(tx, &secret, &ip)).await?;
    page(&request, context, token, found).await
}

pub async fn block(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    act(request, context, blocks::block).await
}

pub async fn allow(request: HttpRequest, context: PageContext) -> Result<HttpResponse, AppError> {
    act(request, context, blocks::allow).await
}
