//! `/account/privacy/deletion`: having the account deleted, and keeping it.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::PATH;
use crate::access::SignedIn;
use crate::accounts::deletions::{self, COOLING_OFF, Deletion};
use crate::error::AppError;
use crate::people::owners::{self, Alone};
use crate::privacy::deletion::{self, Ask, Confirm};
use crate::secrets::Secret;
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::{FlashKind, Layout, LinkUnusable, PageContext, Section, path_text, security_event};

#[derive(Template)]
#[template(path = "privacy/deletion.html")]
struct DeletionPage {
    layout: Layout,
    email: String,
    /// When the account is deleted, where that is confirmed.
    deletion: Option<When>,
    /// Until when the link works, where one was mailed.
    asked_until: Option<When>,
    /// What keeps it.
    alone: Vec<Alone>,
}

async fn page(context: PageContext, status: StatusCode, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let user = &signed_in.person.user_id;
            let (deletion, asked_until) = match deletions::of_user(connection, user, layout.now())? {
                Some(Deletion::Confirmed { due_at }) => (Some(layout.when(due_at)), None),
                Some(Deletion::Asked { until }) => (None, Some(layout.when(until))),
                None => (None, None),
            };
            let alone = owners::alone_in(connection, user)?;
            let email = signed_in.person.email;
            Ok(DeletionPage { layout: layout.at(Section::Privacy), email, deletion, asked_until, alone })
        })
        .await
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, StatusCode::OK, signed_in).await
}

pub async fn submit(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let person = signed_in.person.clone();
    match context.app.write(move |tx| deletion::ask(tx, &person)).await? {
        Ask::Asked => {
            security_event(&request, Event::AccountDeletion, Outcome::Success, "asked");
            let message = format!("We sent a link to {}. Open it to confirm.", signed_in.person.email);
            Ok(context.lead_to_mail(PATH, FlashKind::Success, message))
        }
        // The page says what keeps it.
        Ask::Blocked => page(context, StatusCode::CONFLICT, signed_in).await,
        Ask::Confirmed => Ok(context.lead_to(PATH, FlashKind::Notice, "You have confirmed it already.")),
        Ask::TooOften(too_often) => {
            security_event(&request, Event::AccountDeletion, Outcome::Limited, "asked");
            Err(AppError::from(too_often))
        }
    }
}

#[derive(Template)]
#[template(path = "privacy/deletion_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    token: String,
    email: String,
    /// When the account is deleted, if it is confirmed now.
    due: When,
    alone: Vec<Alone>,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This link does not work",
    sentence: "It was used already, it is older than 24 hours, a newer one or a new password has ended it, or it belongs to another account \
        than the one that you are signed in to.",
    action_href: Cow::Borrowed(PATH),
    action_label: "Open Privacy",
};

async fn link_page(
    context: PageContext,
    status: StatusCode,
    signed_in: SignedIn,
    token: String,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let alone = owners::alone_in(connection, &signed_in.person.user_id)?;
            let due = layout.when(layout.now() + COOLING_OFF);
            let email = signed_in.person.email;
            Ok(ConfirmPage { layout: layout.at(Section::Privacy), token, email, due, alone })
        })
        .await
}

/// Opening the link changes nothing: mail scanners open links.
pub async fn show_link(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let (token, now) = (path_text(&request, "token"), context.app.now());
    let (secret, user) = (Secret::presented(&token), signed_in.person.user_id.clone());
    let works = context.app.read(move |connection| deletions::has_link(connection, &user, &secret, now)).await?;
    if !works {
        return UNUSABLE.show(&request, context).await;
    }
    link_page(context, StatusCode::OK, signed_in, token).await
}

pub async fn confirm(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let token = path_text(&request, "token");
    let (secret, person) = (Secret::presented(&token), signed_in.person.clone());
    match context.app.write(move |tx| deletion::confirm(tx, &person, &secret)).await? {
        Confirm::Confirmed { due_at } => {
            security_event(&request, Event::AccountDeletion, Outcome::Success, "confirmed");
            let on = context.reading().when(due_at).words();
            let message = format!("Your account will be deleted on {on}. Until then you can keep it.");
            Ok(context.lead_to(PATH, FlashKind::Success, message))
        }
        Confirm::Blocked => link_page(context, StatusCode::CONFLICT, signed_in, token).await,
        Confirm::Unusable => {
            security_event(&request, Event::AccountDeletion, Outcome::Refused, "confirmed");
            UNUSABLE.show(&request, context).await
        }
    }
}

/// `/account/privacy/deletion/keep`
pub async fn keep(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    if context.app.write(move |tx| deletion::keep(tx, &signed_in.person)).await? {
        security_event(&request, Event::AccountDeletion, Outcome::Success, "kept");
        return Ok(context.lead_to(PATH, FlashKind::Success, "Your account stays as it is."));
    }
    Ok(context.lead_to(PATH, FlashKind::Notice, "Nothing would have deleted your account any more."))
}
