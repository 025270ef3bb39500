//! `/organizations/{slug}/people/{id}`: one person, and their role.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::ids::MembershipId;
use crate::people::members;
use crate::people::roles::{self, ChangeRole};
use crate::time::When;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, path_id};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    pub role: String,
    /// The role that the page showed.
    pub current: String,
}

#[derive(Template)]
#[template(path = "people/person.html")]
struct PersonPage {
    layout: Layout,
    slug: String,
    id: String,
    name: String,
    email: String,
    role: Role,
    joined: When,
    invited_by: Option<String>,
    suspended: Option<When>,
    is_self: bool,
    form: RoleForm,
    errors: FieldErrors,
    roles: Vec<Role>,
    locked_reason: Option<&'static str>,
    can_remove: bool,
}

async fn page(
    context: PageContext,
    scope: Scope,
    id: MembershipId,
    status: StatusCode,
    typed: Option<RoleForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let member = members::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            let is_self = member.user_id == scope.person().user_id;
            let is_in_reach = scope.may_give(member.role);
            // The role as it is now, so that choosing again is about what the page shows.
            let current = member.role.key().to_owned();
            let role = typed.map_or_else(|| current.clone(), |typed| typed.role);
            Ok(PersonPage {
                slug: scope.slug().to_owned(),
                id: member.id.to_string(),
                name: member.name(),
                email: member.email,
                role: member.role,
                joined: layout.when(member.joined_at),
                suspended: member.suspended_at.map(|at| layout.when(at)),
                invited_by: Some(member.inviter_name).filter(|name| !name.is_empty()),
                is_self,
                form: RoleForm { role, current },
                errors,
                roles: if is_in_reach { scope.membership.role.givable() } else { Vec::new() },
                locked_reason: (!is_in_reach).then_some("Only an Owner can change the role of an Owner."),
                can_remove: is_in_reach && !is_self && scope.may(Permission::ManagePeople),
                layout: layout.at(Section::People),
            })
        })
        .await
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MembershipId::parse)?;
    page(context, scope, id, StatusCode::OK, None, FieldErrors::none()).await
}

/// What a refused change is answered with: the page again, with the reason.
fn refusal(outcome: &ChangeRole) -> Option<(StatusCode, FieldErrors)> {
    let role = |sentence: &str| FieldErrors::field_only("role", sentence);
    match outcome {
        ChangeRole::Stale { role: now } => {
            let sentence = format!("Somebody else changed this role to {now} meanwhile. Check it and choose again.");
            Some((StatusCode::CONFLICT, FieldErrors::form_only(sentence)))
        }
        ChangeRole::LastOwner => {
            Some((StatusCode::CONFLICT, role("This is the only Owner. Make somebody else Owner first.")))
        }
        ChangeRole::NotAllowed => {
            let sentence = "Your role does not allow this: nobody can give or take away a role above their own.";
            Some((StatusCode::FORBIDDEN, role(sentence)))
        }
        ChangeRole::Changed { .. } | ChangeRole::Unchanged { .. } | ChangeRole::Gone => None,
    }
}

pub async fn change_role(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<RoleForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MembershipId::parse)?;
    let Form(form) = form;
    let (Some(role), Some(seen)) = (Role::parse(&form.role), Role::parse(&form.current)) else {
        let errors = FieldErrors::field_only("role", "Choose one of the roles.");
        return page(context, scope, id, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
    };
    let (by, member) = (scope.clone(), id.clone());
    let outcome = context.app.write(move |tx| roles::change(tx, &by, &member, seen, role)).await?;
    if let Some((status, errors)) = refusal(&outcome) {
        return page(context, scope, id, status, Some(form), errors).await;
    }
    let people = scope.path("/people");
    match outcome {
        ChangeRole::Changed { .. } if id == scope.membership.id => {
            // Who lowered their own role may not be allowed to see people any more.
            let mut scope = scope;
            scope.membership.role = role;
            let next = if scope.may(Permission::ViewPeople) { people } else { scope.path("") };
            Ok(context.lead_to(&next, FlashKind::Success, format!("You are now {role}.")))
        }
        ChangeRole::Changed { name } => {
            Ok(context.lead_to(&people, FlashKind::Success, format!("{name} is now {role}.")))
        }
        ChangeRole::Unchanged { name } => {
            let message = format!("{name} has the role {role} already. Nothing was changed.");
            Ok(context.lead_to(&people, FlashKind::Notice, message))
        }
        _ => Err(AppError::NotFound),
    }
}
