//! `/organizations/{slug}/people/{id}` of an open invitation, and its link.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::mail::Undeliverable;
use crate::people::links::{self, ShowLink};
use crate::people::pages::filter::PeopleFilter;
use crate::people::sent::{self, Delivery};
use crate::time::{When, duration};
use crate::web::{Layout, PageContext, Query, Section, path_id, with_retry_after};

/// What became of the mail, as the page shows it.
enum Mail {
    Waiting,
    Delivered(When),
    Undelivered(Undeliverable),
    Forgotten,
}

/// What came of the wish to see the link.
enum Link {
    /// Nobody asked for it.
    Hidden,
    Shown(String),
    /// And for how long to wait.
    TooOften(String),
}

#[derive(Template)]
#[template(path = "people/invitation.html")]
struct InvitationPage {
    layout: Layout,
    slug: String,
    /// The part of the address that leads back into the list.
    place: String,
    id: String,
    email: String,
    role: Role,
    inviter: String,
    inviter_email: String,
    sent: When,
    expires: When,
    is_expired: bool,
    can_manage: bool,
    mail: Mail,
    link: Link,
}

async fn page(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    id: InvitationId,
    status: StatusCode,
    link: Link,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let sent = sent::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            let mail = match sent.delivery() {
                Delivery::Waiting => Mail::Waiting,
                Delivery::Delivered(at) => Mail::Delivered(layout.when(at)),
                Delivery::Undelivered(reason) => Mail::Undelivered(reason),
                Delivery::Forgotten => Mail::Forgotten,
            };
            Ok(InvitationPage {
                slug: scope.slug().to_owned(),
                place: filter.query(),
                id: id.to_string(),
                inviter: sent.inviter(),
                inviter_email: sent.inviter_email,
                role: sent.invitation.role,
                sent: layout.when(sent.invitation.sent_at),
                expires: layout.when(sent.invitation.expires_at),
                is_expired: sent.invitation.is_expired(layout.now()),
                can_manage: scope.may(Permission::ManagePeople) && scope.may_give(sent.invitation.role),
                email: sent.invitation.email,
                mail,
                link,
                layout: layout.at(Section::People),
            })
        })
        .await
}

pub async fn show(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    id: InvitationId,
) -> Result<HttpResponse, AppError> {
    page(context, scope, filter, id, StatusCode::OK, Link::Hidden).await
}

/// Shows the page with the link. Nothing leads there but a form: who looks at it is recorded.
pub async fn show_link(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    let filter = filter.0;
    let id = path_id(&request, "id", InvitationId::parse)?;
    let (by, asked) = (scope.clone(), id.clone());
    let (status, link) = match context.app.write(move |tx| links::show(tx, &by, &asked)).await? {
        ShowLink::Shown { link } => (StatusCode::OK, Link::Shown(link)),
        // The page says so, and offers what helps.
        ShowLink::Expired => (StatusCode::CONFLICT, Link::Hidden),
        ShowLink::NotAllowed => (StatusCode::FORBIDDEN, Link::Hidden),
        ShowLink::Gone => return Err(AppError::NotFound),
        ShowLink::TooOften(too_often) => {
            let link = Link::TooOften(duration(too_often.retry_after));
            let answer = page(context, scope, filter, id, StatusCode::TOO_MANY_REQUESTS, link).await?;
            return Ok(with_retry_after(answer, too_often));
        }
    };
    page(context, scope, filter, id, status, link).await
}
