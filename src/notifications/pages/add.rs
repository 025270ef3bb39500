//! `/organizations/{slug}/notifications/add`: another address.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::limits::TooOften;
use crate::notifications::add::{self, Add};
use crate::notifications::pages::form::AddForm;
use crate::notifications::recipients::MOST;
use crate::time::duration;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost, with_retry_after};

#[derive(Template)]
#[template(path = "notifications/add.html")]
struct AddPage {
    layout: Layout,
    slug: String,
    form: AddForm,
    errors: FieldErrors,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    form: AddForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let slug = scope.slug().to_owned();
    context
        .show_as(status, |_, layout| Ok(AddPage { layout: layout.at(Section::Notifications), slug, form, errors }))
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK, AddForm::all(), FieldErrors::none()).await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<AddForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let errors = form.errors();
    if !errors.is_empty() {
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await;
    }
    let (by, email, kinds, back) = (scope.clone(), form.email.clone(), form.kinds(), scope.path("/notifications"));
    let outcome = context.app.write(move |tx| add::add(tx, &by, &email, kinds)).await?;
    let (problem, too_often) = match outcome {
        Add::Asked => {
            let message = format!("A message asks {} to confirm. Nothing else is sent there before.", form.email);
            return Ok(context.lead_to_mail(&back, FlashKind::Success, message));
        }
        Add::Added => {
            let message = format!("{} gets these messages from now on.", form.email);
            return Ok(context.lead_to(&back, FlashKind::Success, message));
        }
        Add::Already => {
            let message = format!("{} is a recipient already. Nothing was changed.", form.email);
            return Ok(context.lead_to(&back, FlashKind::Notice, message));
        }
        Add::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::ManageNotifications).await),
        Add::IsOwner => ("This is the address of an Owner, who gets these messages anyway.".to_owned(), None),
        Add::Blocked => ("This address wants no messages that people of this Organization cause.".to_owned(), None),
        Add::TooMany => (format!("There are {MOST} recipients already. Remove one first."), None),
        Add::TooOften(too_often) => (asked_too_often(too_often), Some(too_often)),
        Add::RecipientTooOften(too_often) => (recipient_too_often(too_often), Some(too_often)),
    };
    let status = too_often.map_or(StatusCode::UNPROCESSABLE_ENTITY, |_| StatusCode::TOO_MANY_REQUESTS);
    let answer = page(context, scope, status, form, FieldErrors::field_only("email", problem)).await?;
    Ok(with_retry_after(answer, too_often))
}

pub(super) fn asked_too_often(too_often: TooOften) -> String {
    format!("Too many addresses were asked to confirm. Wait {} and try again.", duration(too_often.retry_after))
}

pub(super) fn recipient_too_often(too_often: TooOften) -> String {
    format!("This address was asked often enough. Wait {} and try again.", duration(too_often.retry_after))
}
