//! `/organizations/{slug}/people/{id}`: one person, and their role.

use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Role, Scope};
use crate::ids::MembershipId;
use crate::people::model::{self, ChangeRole};
use crate::web::{
    AppError, FieldErrors, FlashKind, Form, Layout, PageContext, Section, When, flash, path_id, see_other,
};

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
            let person = model::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            let own = scope.organization.role;
            let is_self = person.user_id == scope.signed_in.user_id;
            let is_in_reach = own.may_give(person.role);
            // The role as it is now, so that choosing again is about what the page shows.
            let current = person.role.key().to_owned();
            let role = typed.map_or_else(|| current.clone(), |typed| typed.role);
            Ok(PersonPage {
                slug: scope.slug().to_owned(),
                id: person.id.to_string(),
                name: person.name(),
                email: person.email,
                role: person.role,
                joined: layout.when(person.joined_at),
                invited_by: Some(person.invited_by).filter(|name| !name.is_empty()),
                is_self,
                form: RoleForm { role, current },
                errors,
                roles: if is_in_reach { own.givable() } else { Vec::new() },
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

pub async fn change_role(
    request: HttpRequest,
    context: PageContext,
    session: Session,
    scope: Scope,
    form: Form<RoleForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MembershipId::parse)?;
    let Form(form) = form;
    let (Some(role), Some(seen)) = (Role::parse(&form.role), Role::parse(&form.current)) else {
        let errors = FieldErrors::field_only("role", "Choose one of the roles.");
        return page(context, scope, id, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
    };
    let app = context.app.clone();
    let outcome = {
        let (scope, id) = (scope.clone(), id.clone());
        let dashboard = app.config.link(&scope.path(""));
        app.write(move |tx| model::change_role(tx, &scope, &id, seen, role, &dashboard).map_err(AppError::from)).await?
    };
    let is_self = id == scope.organization.id;
    match outcome {
        ChangeRole::Changed { name } => {
            let message = if is_self { format!("You are now {role}.") } else { format!("{name} is now {role}.") };
            flash(&session, FlashKind::Success, message);
            // Who lowered their own role may not be allowed to see people any more.
            let below = if is_self && !role.may(Permission::ViewPeople) { "" } else { "/people" };
            Ok(see_other(&scope.path(below)))
        }
        ChangeRole::Unchanged { name } => {
            flash(&session, FlashKind::Notice, format!("{name} has the role {role} already. Nothing was changed."));
            Ok(see_other(&scope.path("/people")))
        }
        ChangeRole::Stale { role: now } => {
            let sentence = format!("Somebody else changed this role to {now} meanwhile. Check it and choose again.");
            page(context, scope, id, StatusCode::CONFLICT, Some(form), FieldErrors::form_only(sentence)).await
        }
        ChangeRole::LastOwner => {
            let sentence = "This is the only Owner. Make somebody else Owner first.";
            page(context, scope, id, StatusCode::CONFLICT, Some(form), FieldErrors::field_only("role", sentence)).await
        }
        ChangeRole::NotAllowed => {
            let sentence = "Your role does not allow this: nobody can give or take away a role above their own.";
            let errors = FieldErrors::field_only("role", sentence);
            page(context, scope, id, StatusCode::FORBIDDEN, Some(form), errors).await
        }
        ChangeRole::Gone => Err(AppError::NotFound),
    }
}
