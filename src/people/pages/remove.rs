//! `/organizations/{slug}/people/remove`: removing people and withdrawing invitations, after a page that names them.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Role, Scope};
use crate::db::{Connection, DbError, WriteTx};
use crate::error::AppError;
use crate::ids::{InvitationId, MembershipId};
use crate::people::invite::{self, Withdraw};
use crate::people::pages::list::PAGE;
use crate::people::removal::{self, Remove};
use crate::people::{invitations, members};
use crate::web::{FlashKind, Form, Layout, PageContext, Query, Section, in_batches};

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
    reason: &'static str,
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

pub async fn confirm(context: PageContext, scope: Scope, query: Query<Selection>) -> Result<HttpResponse, AppError> {
    let ids = query.0.ids()?;
    if ids.is_empty() {
        let message = "Select at least one person first.";
        return Ok(context.lead_to(&scope.path("/people"), FlashKind::Notice, message));
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
    fn fill(&mut self, connection: &mut Connection, scope: &Scope, ids: Vec<Selected>) -> Result<(), DbError> {
        let (mut members, mut invited) = (Vec::new(), Vec::new());
        for id in ids {
            match id {
                Selected::Member(id) => members.push(id),
                Selected::Invitation(id) => invited.push(id),
            }
        }
        let organization = scope.organization_id();
        for member in members::find_all(connection, organization, &members)? {
            let (id, name) = (member.id.to_string(), member.name());
            let (email, role) = (member.email, member.role);
            if member.user_id == scope.person().user_id {
                self.refused.push(RemovalRefusal { name, reason: ONESELF });
            } else if !scope.may_give(role) {
                self.refused.push(RemovalRefusal { name, reason: ABOVE });
            } else {
                self.members.push(RemovalItem { id, name, email, role });
            }
        }
        for invitation in invitations::find_all(connection, organization, &invited)? {
            let (id, name) = (invitation.id.to_string(), String::new());
            let (email, role) = (invitation.email, invitation.role);
            if scope.may_give(role) {
                self.invitations.push(RemovalItem { id, name, email, role });
            } else {
                self.refused.push(RemovalRefusal { name: email, reason: ABOVE });
            }
        }
        Ok(())
    }
}

/// What became of one that was selected.
enum Outcome {
    Member(Remove),
    Invitation(Withdraw),
}

/// Removes everybody who can be removed.
fn remove(tx: &mut WriteTx, scope: &Scope, ids: &[Selected]) -> Result<Vec<Outcome>, DbError> {
    ids.iter()
        .map(|id| match id {
            Selected::Member(id) => removal::remove(tx, scope, id).map(Outcome::Member),
            Selected::Invitation(id) => invite::withdraw(tx, scope, id).map(Outcome::Invitation),
        })
        .collect()
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<Selection>) -> Result<HttpResponse, AppError> {
    let ids = form.0.ids()?;
    let people = scope.path("/people");
    let count = ids.len();
    let outcomes = in_batches(&context.app, ids, move |tx, batch| remove(tx, &scope, batch), |_| true).await?;
    let is_whole = outcomes.len() == count;
    let (kind, message) = match (summary(outcomes), is_whole) {
        (summary, true) => summary,
        ((_, done), false) => (FlashKind::Error, format!("{done} The portal was busy then: select the others again.")),
    };
    Ok(context.lead_to(&people, kind, message))
}

/// How many names a message lists.
const NAMED: usize = 3;

/// What happened, in words.
fn summary(outcomes: Vec<Outcome>) -> (FlashKind, String) {
    let (mut done, mut refused) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Member(Remove::Removed { name }) => done.push(format!("{name} was removed.")),
            Outcome::Member(Remove::NotAllowed) => refused.push("Your role does not allow to remove some of them."),
            Outcome::Member(Remove::Oneself) => {
                refused.push("You cannot remove yourself: leave the Organization instead.");
            }
            Outcome::Invitation(Withdraw::Withdrawn { email }) => {
                done.push(format!("The invitation to {email} was withdrawn."));
            }
            Outcome::Invitation(Withdraw::NotAllowed) => {
                refused.push("Your role does not allow to withdraw some invitations.");
            }
            Outcome::Member(Remove::Gone) | Outcome::Invitation(Withdraw::Gone) => {}
        }
    }
    refused.sort_unstable();
    refused.dedup();
    let kind = match (done.is_empty(), refused.is_empty()) {
        (true, true) => return (FlashKind::Notice, "They were gone already. Nothing was changed.".to_owned()),
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
