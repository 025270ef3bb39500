//! `/home/ownership/{id}`: what whoever is asked to become Owner sees of it. Opening it accepts nothing: mail scanners open links.

use std::borrow::Cow;

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::access::{Role, SignedIn};
use crate::error::AppError;
use crate::ids::OwnershipOfferId;
use crate::people::ownership::answer::{self, Answer};
use crate::people::ownership::open;
use crate::time::When;
use crate::web::{FlashKind, Layout, LinkUnusable, PageContext, Section, path_text};

#[derive(Template)]
#[template(path = "people/ownership_answer.html")]
struct AnswerPage {
    layout: Layout,
    id: String,
    organization: String,
    from: String,
    from_email: String,
    /// The role that is left to them, and that of the reader.
    role: Role,
    own: Role,
    until: When,
}

const UNUSABLE: LinkUnusable = LinkUnusable {
    heading: "This offer is not open any more",
    sentence: "It was answered or withdrawn, it is older than 7 days, a role has changed since, or it was made to another account than \
        the one that you are signed in to. Roles are as they were.",
    action_href: Cow::Borrowed("/home"),
    action_label: "Open Home",
};

fn id_of(request: &HttpRequest) -> Option<OwnershipOfferId> {
    OwnershipOfferId::parse(&path_text(request, "id"))
}

pub async fn show(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let (id, now) = (id_of(&request), context.app.now());
    let found = context.app.read(move |connection| {
        let Some(id) = id else { return Ok(None) };
        let Some(open) = open::find(connection, &id, &signed_in.person.user_id)? else { return Ok(None) };
        let sides = open::sides(connection, &open, now)?;
        Ok(sides.map(|sides| (open, sides)))
    });
    let Some((open, sides)) = found.await? else { return UNUSABLE.show_uncounted(context).await };
    context
        .show(move |_, layout| {
            Ok(AnswerPage {
                id: open.id.to_string(),
                organization: open.organization,
                from: sides.from.name(),
                from_email: sides.from.email,
                role: open.role,
                own: sides.to.role,
                until: layout.when(open.expires_at),
                layout: layout.at(Section::Home),
            })
        })
        .await
}

/// `/home/ownership/{id}/accept`
pub async fn accept(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let Some(id) = id_of(&request) else { return UNUSABLE.show_uncounted(context).await };
    match context.app.write(move |tx| answer::accept(tx, &id, &signed_in.person)).await? {
        Answer::Accepted { organization, slug } => {
            let (path, message) = (format!("/organizations/{slug}"), format!("You are now Owner of {organization}."));
            Ok(context.lead_to(&path, FlashKind::Success, message))
        }
        _ => UNUSABLE.show_uncounted(context).await,
    }
}

/// `/home/ownership/{id}/decline`
pub async fn decline(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let Some(id) = id_of(&request) else { return UNUSABLE.show_uncounted(context).await };
    match context.app.write(move |tx| answer::decline(tx, &id, &signed_in.person)).await? {
        Answer::Declined { organization } => {
            let message = format!("You declined to become Owner of {organization}. Your role there stays.");
            Ok(context.lead_to("/home", FlashKind::Success, message))
        }
        _ => UNUSABLE.show_uncounted(context).await,
    }
}
