//! `/organizations/{slug}/people/remove`: removing people and withdrawing invitations, after a page that names them.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::Scope;
use crate::db::{DbError, WriteTx};
use crate::error::AppError;
use crate::ids::RemovalBatchId;
use crate::people::invite::{self, Withdraw};
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::selection::{CHANGED, Choice, Chosen, EntryId, Selection, confirmed};
use crate::people::pages::undo;
use crate::people::removal::{self, Remove};
use crate::web::{Flash, FlashKind, Form, Layout, PageContext, Query, Section, with_retry_after, work_on};

#[derive(Template)]
#[template(path = "people/remove.html")]
struct RemovePeoplePage {
    layout: Layout,
    choice: Choice,
}

const ONESELF: &str = "This is you. Use “Leave organization” on the dashboard instead.";
const ABOVE: &str = "Has a higher role than you. Only an Owner can do this.";

/// Why somebody is left out, if they are.
fn reason(scope: &Scope, one: &Chosen) -> Option<&'static str> {
    match one.is_self {
        true => Some(ONESELF),
        false => (!scope.may_give(one.role)).then_some(ABOVE),
    }
}

async fn page(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    selection: Selection,
    status: StatusCode,
    problem: String,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let chosen = selection.named(connection, &scope, &filter, layout.now())?;
            let choice = Choice::new(&scope, &filter, &selection, chosen, |one| reason(&scope, one));
            Ok(RemovePeoplePage { layout: layout.at(Section::People), choice: Choice { problem, ..choice } })
        })
        .await
}

pub async fn confirm(
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
    selection: Query<Selection>,
) -> Result<HttpResponse, AppError> {
    let (Query(filter), Query(selection)) = (filter, selection);
    if let Some(back) = selection.missing(&context, &scope, &filter)? {
        return Ok(back);
    }
    page(context, scope, filter, selection, StatusCode::OK, String::new()).await
}

/// What became of one that was selected.
enum Outcome {
    Member(Remove),
    Invitation(Withdraw),
}

/// Removes everybody who can be removed.
fn remove(tx: &mut WriteTx, scope: &Scope, batch: &RemovalBatchId, ids: &[EntryId]) -> Result<Vec<Outcome>, DbError> {
    ids.iter()
        .map(|id| match id {
            EntryId::Member(id) => removal::remove(tx, scope, id, batch).map(Outcome::Member),
            EntryId::Invitation(id) => invite::withdraw(tx, scope, id, batch).map(Outcome::Invitation),
        })
        .collect()
}

pub async fn submit(
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
    selection: Form<Selection>,
) -> Result<HttpResponse, AppError> {
    let (Query(filter), Form(selection)) = (filter, selection);
    let (app, list) = (context.app.clone(), filter.list(&scope));
    let left_out = |one: &Chosen| reason(&scope, one);
    let Some(chosen) = confirmed(&app, &scope, &filter, &selection, left_out, |_| false).await? else {
        return page(context, scope, filter, selection, StatusCode::CONFLICT, CHANGED.to_owned()).await;
    };
    let ids: Vec<EntryId> = chosen.into_iter().map(|one| one.id).collect();
    let (count, batch, by) = (ids.len(), RemovalBatchId::new(app.now()), scope.clone());
    let action = undo::offer(&scope, &filter, &batch);
    let account = scope.person().user_id.clone();
    let outcomes = match work_on(&app, &account, ids, move |tx, part| remove(tx, &by, &batch, part)).await? {
        Ok(outcomes) => outcomes,
        Err(not_now) => {
            let again = page(context, scope, filter, selection, not_now.status, not_now.sentence).await?;
            return Ok(with_retry_after(again, not_now.too_often));
        }
    };
    let is_whole = outcomes.len() == count;
    let Summary { kind, message, is_any } = match (summary(outcomes), is_whole) {
        (summary, true) => summary,
        (Summary { message, is_any, .. }, false) => {
            let message = format!("{message} The portal was busy then: select the others again.");
            Summary { kind: FlashKind::Error, message, is_any }
        }
    };
    Ok(context.lead_to_with(&list, Flash { kind, message, actions: is_any.then_some(action).into_iter().collect() }))
}

struct Summary {
    kind: FlashKind,
    message: String,
    /// Whether anybody was removed.
    is_any: bool,
}

/// How many names a message lists.
const NAMED: usize = 3;

/// What happened, in words.
fn summary(outcomes: Vec<Outcome>) -> Summary {
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
    let is_any = !done.is_empty();
    let kind = match (is_any, refused.is_empty()) {
        (false, true) => {
            let message = "They were gone already. Nothing was changed.".to_owned();
            return Summary { kind: FlashKind::Notice, message, is_any };
        }
        (_, false) => FlashKind::Error,
        (true, true) => FlashKind::Success,
    };
    let mut sentences: Vec<String> = match done.len() {
        0..=NAMED => done,
        count => vec![format!("{count} people or invitations were removed.")],
    };
    sentences.extend(refused.into_iter().map(str::to_owned));
    Summary { kind, message: sentences.join(" "), is_any }
}
