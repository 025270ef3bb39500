//! `/organizations/{slug}/leave`.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use diesel::prelude::*;

use crate::access::{Role, Scope};
use crate::ids::MembershipId;
use crate::people::model::{self, Leave};
use crate::schema::memberships;
use crate::web::{AppError, FlashKind, Layout, PageContext, Section, flash, see_other};

#[derive(Template)]
#[template(path = "organizations/leave.html")]
struct LeavePage {
    layout: Layout,
    last_owner: bool,
}

async fn page(context: PageContext, scope: Scope, status: StatusCode) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let is_owner = scope.organization.role == Role::Owner;
            let another: Option<MembershipId> = if is_owner {
                memberships::table
                    .filter(memberships::organization_id.eq(scope.organization_id()))
                    .filter(memberships::role.eq(Role::Owner))
                    .filter(memberships::id.ne(&scope.organization.id))
                    .select(memberships::id)
                    .first(connection)
                    .optional()?
            } else {
                None
            };
            Ok(LeavePage { layout: layout.at(Section::Dashboard), last_owner: is_owner && another.is_none() })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK).await
}

pub async fn submit(context: PageContext, session: Session, scope: Scope) -> Result<HttpResponse, AppError> {
    let outcome = {
        let scope = scope.clone();
        context.app.write(move |tx| model::leave(tx, &scope).map_err(AppError::from)).await?
    };
    match outcome {
        Leave::Left | Leave::Gone => {
            flash(&session, FlashKind::Success, format!("You have left {}.", scope.organization.name));
            Ok(see_other("/home"))
        }
        Leave::LastOwner => page(context, scope, StatusCode::CONFLICT).await,
    }
}
