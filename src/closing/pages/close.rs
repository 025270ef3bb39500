//! `/organizations/{slug}/close`, which says what is lost and until when it can be restored.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::closing::close::{self, Close};
use crate::closing::standing::{self, Standing};
use crate::error::AppError;
use crate::time::When;
use crate::web::form::rules::name;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost};

#[derive(Template)]
#[template(path = "closing/close.html")]
struct ClosePage {
    layout: Layout,
    slug: String,
    standing: Standing,
    /// Until then it can be restored, if it is closed now.
    until: When,
    typed: String,
    errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CloseForm {
    #[serde(deserialize_with = "name")]
    name: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    typed: String,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let grace = context.app.config.closed_grace;
    context
        .show_as(status, move |connection, layout| {
            Ok(ClosePage {
                slug: scope.slug().to_owned(),
                standing: standing::read(connection, scope.organization_id(), layout.now())?,
                until: layout.when(layout.now() + grace),
                typed,
                errors,
                layout: layout.at(Section::Settings),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK, String::new(), FieldErrors::none()).await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<CloseForm>) -> Result<HttpResponse, AppError> {
    let (by, typed, grace) = (scope.clone(), form.0.name, context.app.config.closed_grace);
    let name = typed.clone();
    match context.app.write(move |tx| close::close(tx, &by, &name, grace)).await? {
        Close::Closed { until } => {
            let (name, until) = (&scope.membership.name, context.reading().when(until).words());
            let message = format!("{name} is closed. Until {until} the operator of this portal can restore it.");
            Ok(context.lead_to("/home", FlashKind::Success, message))
        }
        Close::OtherName => {
            let errors = FieldErrors::field_only("name", "Type the name as it stands above.");
            page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, typed, errors).await
        }
        // The page says what keeps it open.
        Close::Refused => page(context, scope, StatusCode::CONFLICT, typed, FieldErrors::none()).await,
        Close::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
