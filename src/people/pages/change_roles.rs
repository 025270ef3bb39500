//! `/organizations/{slug}/people/roles`: one role for several members. Owners are made, and cease to be, one by one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::{Role, Scope};
use crate::error::AppError;
use crate::ids::MembershipId;
use crate::people::pages::filter::PeopleFilter;
use crate::people::pages::selection::{CHANGED, Choice, Chosen, EntryId, Selection, confirmed};
use crate::people::roles::{self, ChangeRole};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Query, Section, with_retry_after, work_on};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolesForm {
    #[serde(flatten)]
    selection: Selection,
    role: String,
}

#[derive(Template)]
#[template(path = "people/change_roles.html")]
struct ChangeRolesPage {
    layout: Layout,
    choice: Choice,
    roles: Vec<Role>,
    role: String,
    errors: FieldErrors,
}

/// The roles that somebody may give to several at once.
fn givable(scope: &Scope) -> Vec<Role> {
    let mut roles = scope.membership.role.givable();
    roles.retain(|role| *role != Role::Owner);
    roles
}

/// Why somebody is left out, if they are.
fn reason(one: &Chosen) -> Option<&'static str> {
    match &one.id {
        EntryId::Invitation(_) => {
            Some("Has not joined yet. To offer another role, withdraw the invitation and invite again.")
        }
        EntryId::Member(_) if one.is_self => Some("This is you. Change your own role on your own page."),
        EntryId::Member(_) if one.role == Role::Owner => Some("Is an Owner. Owners are changed one by one."),
        EntryId::Member(_) => None,
    }
}

async fn page(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    form: RolesForm,
    status: StatusCode,
    (problem, errors): (String, FieldErrors),
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let RolesForm { selection, role } = form;
            let chosen = selection.named(connection, &scope, &filter, layout.now())?;
            let choice = Choice { problem, ..Choice::new(&scope, &filter, &selection, chosen, reason) };
            let layout = layout.at(Section::People);
            Ok(ChangeRolesPage { layout, choice, roles: givable(&scope), role, errors })
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
    let form = RolesForm { selection, role: String::new() };
    page(context, scope, filter, form, StatusCode::OK, (String::new(), FieldErrors::none())).await
}

pub async fn submit(
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
    form: Form<RolesForm>,
) -> Result<HttpResponse, AppError> {
    let (Query(filter), Form(form)) = (filter, form);
    let Some(role) = Role::parse(&form.role).filter(|role| givable(&scope).contains(role)) else {
        let errors = FieldErrors::field_only("role", "Choose one of the roles.");
        return page(context, scope, filter, form, StatusCode::UNPROCESSABLE_ENTITY, (String::new(), errors)).await;
    };
    let (app, list) = (context.app.clone(), filter.list(&scope));
    let is_done = |one: &Chosen| one.role == role;
    let Some(chosen) = confirmed(&app, &scope, &filter, &form.selection, reason, is_done).await? else {
        let again = (CHANGED.to_owned(), FieldErrors::none());
        return page(context, scope, filter, form, StatusCode::CONFLICT, again).await;
    };
    let members = members(chosen);
    let (count, by, account) = (members.len(), scope.clone(), scope.person().user_id.clone());
    let changed = work_on(&app, &account, members, move |tx, part| {
        part.iter().map(|(id, seen)| roles::change(tx, &by, id, *seen, role)).collect()
    });
    match changed.await? {
        Ok(outcomes) => {
            let (kind, message) = summary(count, &outcomes, role);
            Ok(context.lead_to(&list, kind, message))
        }
        Err(not_now) => {
            let again = (not_now.sentence, FieldErrors::none());
            let again = page(context, scope, filter, form, not_now.status, again).await?;
            Ok(with_retry_after(again, not_now.too_often))
        }
    }
}

/// The members among them whose role can be changed here, with the role that they have.
fn members(chosen: Vec<Chosen>) -> Vec<(MembershipId, Role)> {
    let able = chosen.into_iter().filter(|one| reason(one).is_none());
    able.filter_map(|one| match one.id {
        EntryId::Member(id) => Some((id, one.role)),
        EntryId::Invitation(_) => None,
    })
    .collect()
}

/// What happened, in words.
fn summary(count: usize, outcomes: &[ChangeRole], role: Role) -> (FlashKind, String) {
    let names: Vec<&str> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            ChangeRole::Changed { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let unchanged = outcomes.iter().filter(|outcome| matches!(outcome, ChangeRole::Unchanged { .. })).count();
    let done = match names.as_slice() {
        [] => "Nobody’s role was changed.".to_owned(),
        [name] => format!("{name} is now {role}."),
        names => format!("{} people are now {role}.", names.len()),
    };
    let left = count - names.len() - unchanged;
    match (names.len(), unchanged, left) {
        (_, 0, 0) if count > 0 => (FlashKind::Success, done),
        (_, _, 0) if count > 0 => (FlashKind::Success, format!("{done} {unchanged} had that role already.")),
        (_, _, 0) => (FlashKind::Notice, done),
        _ => (FlashKind::Error, format!("{done} {left} could not be changed: try them again.")),
    }
}
