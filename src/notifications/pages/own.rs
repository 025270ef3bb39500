//! `/organizations/{slug}/notifications/own`: what an Owner hears of.

use actix_web::HttpResponse;
use askama::Template;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::notifications::owners::{self, Choose};
use crate::notifications::pages::form::KindsForm;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost};

#[derive(Template)]
#[template(path = "notifications/own.html")]
struct OwnPage {
    layout: Layout,
    slug: String,
    email: String,
    form: KindsForm,
    errors: FieldErrors,
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let kinds = owners::chosen(connection, scope.organization_id(), &scope.person().user_id)?;
            Ok(OwnPage {
                layout: layout.at(Section::Notifications),
                slug: scope.slug().to_owned(),
                email: scope.person().email.clone(),
                form: kinds.into(),
                errors: FieldErrors::none(),
            })
        })
        .await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<KindsForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    if form.sent != "yes" {
        return Err(AppError::Unprocessable("The form did not arrive whole. Nothing was changed."));
    }
    let (by, kinds, back) = (scope.clone(), form.kinds(), scope.path("/notifications"));
    match context.app.write(move |tx| owners::choose(tx, &by, kinds)).await? {
        Choose::Saved => Ok(context.lead_to(&back, FlashKind::Success, "What you get is saved.")),
        Choose::Unchanged => Ok(context.lead_to(&back, FlashKind::Notice, "Nothing was changed.")),
        Choose::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
