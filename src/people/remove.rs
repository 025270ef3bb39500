//! `/organizations/{slug}/people/remove`: removing people and withdrawing invitations, after a page that names them; and the
//! buttons of single invitations.

use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Role, Scope};
use crate::db::Connection;
use crate::ids::{InvitationId, MembershipId};
use crate::invitations::model::{self as invitations, Resend, Withdraw};
use crate::people::list::PAGE;
use crate::people::model::{self, Remove};
use crate::web::{AppError, FlashKind, Form, Layout, PageContext, Query, Section, flash, path_id, see_other, waiting};

/// The ids of people and invitations, as many as a page shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Selection {
    selected: Vec<String>,
}

enum Selected {
    Member(MembershipId),
    Invitation(InvitationId),
}

impl Selection {
    /// The ids without repetitions. What is no id is left out, as somebody who is gone would be.
    fn ids(&self) -> Result<Vec<Selected>, AppError> {
        let mut ids = self.selected.clone();
        ids.sort();
        ids.dedup();
        if ids.len() > PAGE {
            return Err(AppError::Unprocessable("At most 50 people can be removed at once."));
        }
        let parse = |id: &String| match MembershipId::parse(id) {
            Some(member) => Some(Selected::Member(member)),
            None => InvitationId::parse(id).map(Selected::Invitation),
        };
        Ok(ids.iter().filter_map(parse).collect())
    }
}

struct RemovalItem {
    id: String,
    name: String,
    email: String,
    role: Role,
}

struct RemovalRefusal {
    name: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "people/remove.html")]
struct RemovePeoplePage {
    layout: Layout,
    slug: String,
    members: Vec<RemovalItem>,
    invitations: Vec<RemovalItem>,
    refused: Vec<RemovalRefusal>,
}

const ONESELF: &str = "This is you. Use “Leave organization” on the dashboard instead.";
const ABOVE: &str = "Has a higher role than you. Only an Owner can do this.";

pub async fn confirm(
    context: PageContext,
    session: Session,
    scope: Scope,
    query: Query<Selection>,
) -> Result<HttpResponse, AppError> {
    let ids = query.0.ids()?;
    if ids.is_empty() {
        flash(&session, FlashKind::Notice, "Select at least one person first.");
        return Ok(see_other(&scope.path("/people")));
    }
    context
        .show(move |connection, layout| {
            let mut page = RemovePeoplePage {
                layout: layout.at(Section::People),
                slug: scope.slug().to_owned(),
                members: Vec::new(),
                invitations: Vec::new(),
                refused: Vec::new(),
            };
            page.fill(connection, &scope, ids)?;
            if page.members.is_empty() && page.invitations.is_empty() && page.refused.is_empty() {
                return Err(AppError::NotFound);
            }
            Ok(page)
        })
        .await
}

impl RemovePeoplePage {
    fn fill(&mut self, connection: &mut Connection, scope: &Scope, ids: Vec<Selected>) -> Result<(), AppError> {
        let (mut members, mut invited) = (Vec::new(), Vec::new());
        for id in ids {
            match id {
                Selected::Member(id) => members.push(id),
                Selected::Invitation(id) => invited.push(id),
            }
        }
        let organization = scope.organization_id();
        let own = scope.organization.role;
        for person in model::find_all(connection, organization, &members)? {
            let (id, name) = (person.id.to_string(), person.name());
            let (email, role) = (person.email, person.role);
            if person.user_id == scope.signed_in.user_id {
                let reason = ONESELF.to_owned();
                self.refused.push(RemovalRefusal { name, reason });
            } else if !own.may_give(role) {
                let reason = ABOVE.to_owned();
                self.refused.push(RemovalRefusal { name, reason });
            } else {
                self.members.push(RemovalItem { id, name, email, role });
            }
        }
        for invitation in invitations::find_all(connection, organization, &invited)? {
            let (id, name) = (invitation.id.to_string(), String::new());
            let (email, role) = (invitation.email, invitation.role);
            if own.may_give(role) {
                self.invitations.push(RemovalItem { id, name, email, role });
            } else {
                let reason = ABOVE.to_owned();
                self.refused.push(RemovalRefusal { name: email, reason });
            }
        }
        Ok(())
    }
}

/// Removes everybody who can be removed, in one transaction, and says what happened to each.
pub async fn submit(
    context: PageContext,
    session: Session,
    scope: Scope,
    form: Form<Selection>,
) -> Result<HttpResponse, AppError> {
    let ids = form.0.ids()?;
    let people_page = scope.path("/people");
    let (done, refused) = context
        .app
        .write(move |tx| {
            let (mut done, mut refused) = (Vec::new(), Vec::new());
            for id in &ids {
                match id {
                    Selected::Member(id) => match model::remove(tx, &scope, id)? {
                        Remove::Removed { name } => done.push(format!("{name} was removed.")),
                        Remove::LastOwner => refused.push("The only Owner cannot be removed."),
                        Remove::NotAllowed => refused.push("Your role does not allow to remove some of them."),
                        Remove::Oneself => refused.push("You cannot remove yourself: leave the Organization instead."),
                        Remove::Gone => {}
                    },
                    Selected::Invitation(id) => match invitations::withdraw(tx, &scope, id)? {
                        Withdraw::Withdrawn { email } => done.push(format!("The invitation to {email} was withdrawn.")),
                        Withdraw::NotAllowed => refused.push("Your role does not allow to withdraw some invitations."),
                        Withdraw::Gone => {}
                    },
                }
            }
            Ok::<_, AppError>((done, refused))
        })
        .await?;
    let (kind, message) = summary(done, refused);
    flash(&session, kind, message);
    Ok(see_other(&people_page))
}

/// How many names a message lists.
const NAMED: usize = 3;

fn summary(done: Vec<String>, mut refused: Vec<&'static str>) -> (FlashKind, String) {
    refused.sort_unstable();
    refused.dedup();
    let kind = match (done.is_empty(), refused.is_empty()) {
        (true, true) => {
            return (FlashKind::Notice, "They were gone already. Nothing was changed.".to_owned());
        }
        (_, false) => FlashKind::Error,
        (false, true) => FlashKind::Success,
    };
    let mut sentences: Vec<String> = match done.len() {
        0..=NAMED => done,
        count => vec![format!("{count} people or invitations were removed.")],
    };
    sentences.extend(refused.into_iter().map(str::to_owned));
    (kind, sentences.join(" "))
}

pub async fn resend(
    request: HttpRequest,
    context: PageContext,
    session: Session,
    scope: Scope,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let people_page = scope.path("/people");
    let app = context.app;
    let public_url = app.config.public_url.clone();
    let outcome =
        app.write(move |tx| invitations::resend(tx, &scope, &id, &public_url).map_err(AppError::from)).await?;
    match outcome {
        Resend::Sent { email } => {
            flash(
                &session,
                FlashKind::Success,
                format!("A new invitation is on its way to {email}. The earlier link no longer works."),
            );
        }
        Resend::NotAllowed => flash(&session, FlashKind::Error, "Your role does not allow this. Nothing was sent."),
        Resend::Gone => return Err(AppError::NotFound),
        Resend::TooOften(too_often) => {
            let wait = waiting(too_often.retry_after);
            flash(
                &session,
                FlashKind::Error,
                format!("That was sent several times just now. Wait {wait} and try again."),
            );
        }
    }
    Ok(see_other(&people_page))
}

pub async fn withdraw(
    request: HttpRequest,
    context: PageContext,
    session: Session,
    scope: Scope,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", InvitationId::parse)?;
    let people_page = scope.path("/people");
    let outcome = context.app.write(move |tx| invitations::withdraw(tx, &scope, &id).map_err(AppError::from)).await?;
    match outcome {
        Withdraw::Withdrawn { email } => {
            flash(&session, FlashKind::Success, format!("The invitation to {email} was withdrawn."));
        }
        Withdraw::NotAllowed => {
            flash(&session, FlashKind::Error, "Your role does not allow this. Nothing was changed.")
        }
        Withdraw::Gone => return Err(AppError::NotFound),
    }
    Ok(see_other(&people_page))
}
