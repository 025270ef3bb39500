//! `/organizations/{slug}/notifications/recipients/{id}`: what one address hears of, asking it again, removing it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::ids::RecipientId;
use crate::notifications::add::{self, AskAgain};
use crate::notifications::pages::add::{asked_too_often, recipient_too_often};
use crate::notifications::pages::form::{KindsForm, none_chosen};
use crate::notifications::recipients::{self, Edit, State};
use crate::time::When;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, path_id, role_lost, with_retry_after};

#[derive(Template)]
#[template(path = "notifications/recipient.html")]
struct RecipientPage {
    layout: Layout,
    slug: String,
    id: String,
    email: String,
    state: State,
    asked_until: Option<When>,
    form: KindsForm,
    errors: FieldErrors,
}

/// What differs from the page as it is opened.
#[derive(Default)]
struct Answer {
    form: Option<KindsForm>,
    errors: FieldErrors,
}

async fn page(
    context: PageContext,
    scope: Scope,
    id: RecipientId,
    status: StatusCode,
    answer: Answer,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let found = recipients::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            let state = found.state(layout.now());
            Ok(RecipientPage {
                slug: scope.slug().to_owned(),
                id: id.to_string(),
                email: found.email,
                asked_until: match state {
                    State::Asked { until } => Some(layout.when(until)),
                    _ => None,
                },
                state,
                form: answer.form.unwrap_or_else(|| found.kinds.into()),
                errors: answer.errors,
                layout: layout.at(Section::Notifications),
            })
        })
        .await
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", RecipientId::parse)?;
    page(context, scope, id, StatusCode::OK, Answer::default()).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<KindsForm>,
) -> Result<HttpResponse, AppError> {
    let (id, Form(form)) = (path_id(&request, "id", RecipientId::parse)?, form);
    let kinds = form.kinds();
    if kinds.is_none() {
        let answer = Answer { form: Some(form), errors: none_chosen() };
        return page(context, scope, id, StatusCode::UNPROCESSABLE_ENTITY, answer).await;
    }
    let by = scope.clone();
    let changed = context.app.write(move |tx| recipients::change(tx, &by, &id, kinds)).await?;
    done(&context, &scope, changed, |email| format!("What {email} gets is saved.")).await
}

pub async fn remove(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let (id, by) = (path_id(&request, "id", RecipientId::parse)?, scope.clone());
    let removed = context.app.write(move |tx| recipients::remove(tx, &by, &id)).await?;
    done(&context, &scope, removed, |email| format!("{email} gets no more of these messages.")).await
}

async fn done(
    context: &PageContext,
    scope: &Scope,
    outcome: Edit,
    message: impl Fn(&str) -> String,
) -> Result<HttpResponse, AppError> {
    let back = scope.path("/notifications");
    match outcome {
        Edit::Done { email } => Ok(context.lead_to(&back, FlashKind::Success, message(&email))),
        Edit::Unchanged => Ok(context.lead_to(&back, FlashKind::Notice, "Nothing was changed.")),
        Edit::NotAllowed => Err(role_lost(&context.app, scope, Permission::ManageNotifications).await),
        Edit::Gone => Err(AppError::NotFound),
    }
}

pub async fn ask(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", RecipientId::parse)?;
    let (by, asked, back) = (scope.clone(), id.clone(), scope.path("/notifications"));
    let (sentence, too_often) = match context.app.write(move |tx| add::ask_again(tx, &by, &asked)).await? {
        AskAgain::Asked { email } => {
            let message = format!("A message asks {email} to confirm. The link of an earlier one no longer works.");
            return Ok(context.lead_to_mail(&back, FlashKind::Success, message));
        }
        AskAgain::Active => {
            let message = "This address gets messages already. Nothing was sent.";
            return Ok(context.lead_to(&back, FlashKind::Notice, message));
        }
        AskAgain::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::ManageNotifications).await),
        AskAgain::Gone => return Err(AppError::NotFound),
        AskAgain::Blocked => {
            ("This address wants no messages that people of this Organization cause.".to_owned(), None)
        }
        AskAgain::TooOften(too_often) => (asked_too_often(too_often), Some(too_often)),
        AskAgain::RecipientTooOften(too_often) => (recipient_too_often(too_often), Some(too_often)),
    };
    let status = too_often.map_or(StatusCode::CONFLICT, |_| StatusCode::TOO_MANY_REQUESTS);
    let answer = Answer { errors: FieldErrors::form_only(sentence), ..Answer::default() };
    let response = page(context, scope, id, status, answer).await?;
    Ok(with_retry_after(response, too_often))
}
