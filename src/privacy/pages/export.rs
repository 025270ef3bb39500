//! `/account/privacy/export`: everything that is stored about somebody, as a file.

use std::borrow::Cow;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::PATH;
use crate::access::SignedIn;
use crate::app::App;
use crate::error::AppError;
use crate::privacy::exports::{self, Ask};
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::{FlashKind, Layout, LinkUnusable, PageContext, Section, path_text, security_event};

pub async fn ask(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let person = signed_in.person.clone();
    match context.app.write(move |tx| exports::ask(tx, &person)).await? {
        Ask::Asked => {
            security_event(&request, Event::DataExport, Outcome::Success, "asked");
            let message = format!("Your data is being put together. We mail a link to {}.", signed_in.person.email);
            Ok(context.lead_to_mail(PATH, FlashKind::Success, message))
        }
        Ask::Pending => {
            const PENDING: &str = "Your data is being put together already. We mail you a link.";
            Ok(context.lead_to(PATH, FlashKind::Notice, PENDING))
        }
        Ask::TooOften(too_often) => {
            security_event(&request, Event::DataExport, Outcome::Limited, "asked");
            Err(AppError::from(too_often))
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/export.html")]
struct ExportPage {
    layout: Layout,
    token: String,
    until: When,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link does not work",
    sentence: "It is older than 24 hours, a newer file has taken its place, or it belongs to another account than the one that you \
        are signed in to.",
    action_href: Cow::Borrowed(PATH),
    action_label: "Open Privacy",
};

pub async fn show_link(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let (token, now) = (path_text(&request, "token"), context.app.now());
    let (secret, user) = (Secret::presented(&token), signed_in.person.user_id);
    let found = context.app.read(move |connection| exports::find(connection, &user, &secret, now)).await?;
    let Some(expires) = found else { return UNUSABLE.show(&request, context).await };
    context
        .show(move |_, layout| {
            Ok(ExportPage { until: layout.when(expires), layout: layout.at(Section::Privacy), token })
        })
        .await
}

pub async fn download(
    request: HttpRequest,
    app: web::Data<App>,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let (secret, now) = (Secret::presented(&path_text(&request, "token")), app.now());
    let user = signed_in.person.user_id;
    let sealer = app.context.sealer.clone();
    let opened = app.read(move |connection| {
        let sealed = exports::sealed(connection, &user, &secret, now)?;
        Ok(sealed.and_then(|sealed| exports::opened(&sealer, &user, &sealed)))
    });
    let document = opened.await?.ok_or(AppError::NotFound)?;
    security_event(&request, Event::DataExport, Outcome::Success, "downloaded");
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"my-data.json\""))
        .body(document))
}
