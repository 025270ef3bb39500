//! `/organizations/{slug}/leave`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::Scope;
use crate::error::AppError;
use crate::people::owners;
use crate::people::removal::{self, Leave};
use crate::web::{FlashKind, Layout, PageContext, Section};

#[derive(Template)]
#[template(path = "people/leave.html")]
struct LeavePage {
    layout: Layout,
    last_owner: bool,
}

async fn page(context: PageContext, scope: Scope, status: StatusCode) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let last_owner = owners::is_last_owner(connection, scope.organization_id(), &scope.membership.id)?;
            Ok(LeavePage { layout: layout.at(Section::Dashboard), last_owner })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK).await
}

pub async fn submit(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let leaving = scope.clone();
    match context.app.write(move |tx| removal::leave(tx, &leaving)).await? {
        Leave::Left | Leave::Gone => {
            let message = format!("You have left {}.", scope.membership.name);
            Ok(context.lead_to("/home", FlashKind::Success, message))
        }
        Leave::LastOwner => page(context, scope, StatusCode::CONFLICT).await,
    }
}
