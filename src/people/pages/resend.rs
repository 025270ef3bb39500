//! `/organizations/{slug}/people/resend`: sending many invitations again, after a page that says which.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::access::Scope;
use crate::error::AppError;
use crate::ids::InvitationId;
use crate::limits::TooOften;
use crate::people::domains::AllowedDomains;
use crate::people::invite::{self, Resend};
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::selection::{CHANGED, Choice, Chosen, EntryId, Selection, confirmed};
use crate::time::duration;
use crate::web::{FlashKind, Form, Layout, PageContext, Query, Section, with_retry_after, work_on};

#[derive(Template)]
#[template(path = "people/resend.html")]
struct ResendPage {
    layout: Layout,
    choice: Choice,
}

/// Why somebody is left out, if they are.
fn reason(scope: &Scope, one: &Chosen) -> Option<&'static str> {
    match &one.id {
        EntryId::Member(_) => Some("Is a member already."),
        EntryId::Invitation(_) if !scope.may_give(one.role) => Some("Was offered a higher role than yours."),
        EntryId::Invitation(_) => None,
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
            Ok(ResendPage { layout: layout.at(Section::People), choice: Choice { problem, ..choice } })
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
    let ids = invitations(chosen);
    let (count, by, account) = (ids.len(), scope.clone(), scope.person().user_id.clone());
    let resent =
        work_on(&app, &account, ids, move |tx, part| part.iter().map(|id| invite::resend(tx, &by, id)).collect());
    match resent.await? {
        Ok(outcomes) => {
            let (kind, message) = summary(count, &outcomes);
            let is_any = outcomes.iter().any(|outcome| matches!(outcome, Resend::Sent { .. }));
            let lead = if is_any { PageContext::lead_to_mail } else { PageContext::lead_to };
            Ok(lead(&context, &list, kind, message))
        }
        Err(not_now) => {
            let again = page(context, scope, filter, selection, not_now.status, not_now.sentence).await?;
            Ok(with_retry_after(again, not_now.too_often))
        }
    }
}

/// The invitations among them, in the order of the addresses: two transactions that count them crosswise would wait for each other.
fn invitations(mut chosen: Vec<Chosen>) -> Vec<InvitationId> {
    chosen.sort_by(|one, other| one.email.cmp(&other.email));
    let id = |one: Chosen| match one.id {
        EntryId::Invitation(id) => Some(id),
        EntryId::Member(_) => None,
    };
    chosen.into_iter().filter_map(id).collect()
}

/// The domains that can be invited, where that is why nothing was sent.
fn other_domains(outcome: &Resend) -> Option<&AllowedDomains> {
    match outcome {
        Resend::OtherDomain { allowed, .. } => Some(allowed),
        _ => None,
    }
}

/// What happened, in words.
fn summary(count: usize, outcomes: &[Resend]) -> (FlashKind, String) {
    let sent = outcomes.iter().filter(|outcome| matches!(outcome, Resend::Sent { .. })).count();
    let done = match sent {
        1 => "1 invitation is on its way again. The earlier link no longer works.".to_owned(),
        _ => format!("{sent} invitations are on their way again. The earlier links no longer work."),
    };
    if let Some(allowed) = outcomes.iter().find_map(other_domains) {
        let done = if sent == 0 { "Nothing was sent." } else { done.as_str() };
        let not_sent = count - sent;
        let message = format!("{done} {not_sent} not sent: only addresses of {allowed} can be invited.");
        return (FlashKind::Error, message);
    }
    let too_often = outcomes.iter().find_map(|outcome| match outcome {
        Resend::TooOften(too_often) => Some(*too_often),
        _ => None,
    });
    match (sent, too_often) {
        _ if sent == count && sent > 0 => (FlashKind::Success, done),
        (0, None) => (FlashKind::Notice, "There was no invitation to send again.".to_owned()),
        (0, Some(TooOften { retry_after, .. })) => (
            FlashKind::Error,
            format!("They were sent several times just now. Wait {} and try again.", duration(retry_after)),
        ),
        (_, Some(TooOften { retry_after, .. })) => {
            let wait = duration(retry_after);
            (
                FlashKind::Error,
                format!("{done} {} were not sent, since there were too many: wait {wait}.", count - sent),
            )
        }
        (_, None) if outcomes.len() < count => {
            (FlashKind::Error, format!("{done} The portal was busy then: send the others again."))
        }
        (_, None) => (FlashKind::Notice, format!("{done} {} were accepted or withdrawn meanwhile.", count - sent)),
    }
}
