//! `/organizations/{slug}/settings/session-length`: how long ago whoever enters may have proved who they are.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use strum::VariantArray;

use crate::access::{Permission, Scope, SessionLength};
use crate::error::AppError;
use crate::organizations::policies::{self, SetSessionLength};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost};

#[derive(Template)]
#[template(path = "organizations/session_length.html")]
struct SessionLengthPage {
    layout: Layout,
    slug: String,
    organization: String,
    stored: SessionLength,
    chosen: SessionLength,
    lengths: &'static [SessionLength],
    /// Whether somebody else has chosen since the form was opened.
    is_stale: bool,
    errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SessionLengthForm {
    length: String,
    /// What the page showed.
    seen_length: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    [stored, chosen]: [SessionLength; 2],
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |_, layout| {
            Ok(SessionLengthPage {
                slug: scope.slug().to_owned(),
                organization: scope.membership.name.clone(),
                stored,
                chosen,
                lengths: SessionLength::VARIANTS,
                is_stale: status == StatusCode::CONFLICT,
                errors,
                layout: layout.at(Section::Settings),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let stored = scope.membership.policies.session_length;
    page(context, scope, StatusCode::OK, [stored, stored], FieldErrors::none()).await
}

pub async fn submit(
    context: PageContext,
    scope: Scope,
    form: Form<SessionLengthForm>,
) -> Result<HttpResponse, AppError> {
    let Form(SessionLengthForm { length, seen_length }) = form;
    let Ok(length) = length.parse::<SessionLength>() else {
        let errors = FieldErrors::field_only("length", "Choose one of the list.");
        let stored = scope.membership.policies.session_length;
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, [stored, stored], errors).await;
    };
    let (by, shown, seen) = (scope.clone(), scope.path("/settings"), seen_length.parse().unwrap_or_default());
    match context.app.write(move |tx| policies::set_session_length(tx, &by, seen, length)).await? {
        SetSessionLength::Saved => Ok(context.lead_to(&shown, FlashKind::Success, "Session length saved.")),
        SetSessionLength::Unchanged => Ok(context.lead_to(&shown, FlashKind::Notice, "Nothing was changed.")),
        SetSessionLength::Stale(stored) => {
            page(context, scope, StatusCode::CONFLICT, [stored, length], FieldErrors::none()).await
        }
        SetSessionLength::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
