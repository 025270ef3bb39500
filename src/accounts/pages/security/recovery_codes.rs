//! `/account/security/two-factor/codes`: new recovery codes, which are shown once, and as a file while they are shown.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use super::TWO_FACTOR;
use super::shown_codes::shown;
use crate::access::SignedIn;
use crate::accounts::{two_factor, ways_in};
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::web::{FlashKind, Form, Layout, PageContext, Section, security_event};

#[derive(Template)]
#[template(path = "accounts/two_factor/new_codes.html")]
struct NewCodesPage {
    layout: Layout,
    codes_left: i64,
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let two_factor = ways_in::of_user(connection, &signed_in.person.user_id)?.two_factor;
            let codes_left = two_factor.ok_or(AppError::NotFound)?.codes_left;
            Ok(NewCodesPage { layout: layout.at(Section::Security), codes_left })
        })
        .await
}

pub async fn submit(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    const OFF: &str = "Two-factor authentication is off, so there are no recovery codes.";
    let made = context.app.write(move |tx| two_factor::new_codes(tx, &signed_in.person)).await?;
    let Some(codes) = made else { return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, OFF)) };
    security_event(&request, Event::TwoFactor, Outcome::Success, "codes");
    shown(context, codes, None).await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct FileForm {
    codes: String,
}

/// `/account/security/two-factor/codes/file`: the codes that a page shows, as a file. They come from that page: the portal does not know
/// them any more, but knows whether they are this person's.
pub async fn file(context: PageContext, signed_in: SignedIn, form: Form<FileForm>) -> Result<HttpResponse, AppError> {
    let (user, email) = (signed_in.person.user_id, signed_in.person.email);
    let shown = form.0.codes;
    let own = context.app.read(move |connection| two_factor::own_recovery_codes(connection, &user, &shown)).await?;
    if own.is_empty() {
        let message = "These codes do not work any more. Make new ones.";
        return Ok(context.lead_to(TWO_FACTOR, FlashKind::Notice, message));
    }
    let text = format!(
        "Recovery codes of {email} for Portico\r\n\r\n{}\r\n\r\nEach signs you in once, after your password, in place of your app or \
         passkey.\r\nKeep them where you find them without your phone, and where nobody else does.\r\n",
        own.join("\r\n")
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"portico-recovery-codes.txt\""))
        .body(text))
}
