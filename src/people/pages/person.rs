//! `/organizations/{slug}/people/{id}`: one person, and their role.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::ids::MembershipId;
use crate::licences::pages::view::LicenceView;
use crate::licences::persons;
use crate::people::members;
use crate::people::pages::filter::PeopleFilter;
use crate::people::roles::{self, ChangeRole};
use crate::time::When;
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Query, Section, path_id};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleForm {
    pub role: String,
    /// The role that the page showed.
    pub current: String,
    /// `yes`, from the page that asks once more.
    pub confirmed: String,
    /// The role that was chosen in the row of the list. Otherwise it is the page of that person that was sent.
    pub choice: String,
}

/// How many licences of a person their page lists.
const LICENCES: i64 = 20;

/// A licence of which they have a seat, or to which they were given access.
struct PersonLicence {
    licence: LicenceView,
    has_seat: bool,
}

#[derive(Template)]
#[template(path = "people/person.html")]
struct PersonPage {
    layout: Layout,
    slug: String,
    /// The part of the address that leads back into the list.
    place: String,
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
    /// Whether the reader can offer them their own place.
    can_become_owner: bool,
    licences: Vec<PersonLicence>,
    /// Whether they have more than are listed.
    has_more_licences: bool,
    /// Whether their role uses every licence.
    uses_all_licences: bool,
}

async fn page(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    id: MembershipId,
    status: StatusCode,
    typed: Option<RoleForm>,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let grace = context.app.config.licence_grace;
    context
        .show_as(status, move |connection, layout| {
            let member = members::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            let is_self = member.user_id == scope.person().user_id;
            let is_in_reach = scope.may_give(member.role);
            let mut had = persons::some(connection, scope.organization_id(), &member.user_id, LICENCES + 1)?;
            let has_more_licences = had.len() > LICENCES as usize;
            had.truncate(LICENCES as usize);
            let licences = had.iter().map(|had| PersonLicence {
                licence: LicenceView::new(&had.licence, &layout, grace),
                has_seat: had.occupied_at.is_some(),
            });
            // The role as it is now, so that choosing again is about what the page shows.
            let current = member.role.key().to_owned();
            let role = typed.map_or_else(|| current.clone(), |typed| typed.role);
            Ok(PersonPage {
                slug: scope.slug().to_owned(),
                place: filter.query(),
                id: member.id.to_string(),
                name: member.name(),
                email: member.email,
                role: member.role,
                joined: layout.when(member.joined_at),
                suspended: member.suspended_at.map(|at| layout.when(at)),
                invited_by: Some(member.inviter_name).filter(|name| !name.is_empty()),
                is_self,
                form: RoleForm { role, current, ..RoleForm::default() },
                errors,
                roles: if is_in_reach { scope.membership.role.givable() } else { Vec::new() },
                locked_reason: (!is_in_reach).then_some("Only an Owner can change the role of an Owner."),
                can_become_owner: member.role != Role::Owner
                    && member.suspended_at.is_none()
                    && scope.may(Permission::TransferOwnership),
                can_remove: is_in_reach && !is_self && scope.may(Permission::ManagePeople),
                licences: licences.collect(),
                has_more_licences,
                uses_all_licences: Permission::ViewLicences.is_given_by(member.role),
                layout: layout.at(Section::People),
            })
        })
        .await
}

pub async fn show(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MembershipId::parse)?;
    page(context, scope, filter.0, id, StatusCode::OK, None, FieldErrors::none()).await
}

/// What asks once more before somebody becomes Owner, ceases to be one, or changes their own role.
#[derive(Template)]
#[template(path = "people/confirm_role.html")]
struct ConfirmRolePage {
    layout: Layout,
    slug: String,
    place: String,
    list: String,
    id: String,
    name: String,
    email: String,
    current: Role,
    role: Role,
    is_self: bool,
    is_row: bool,
}

async fn confirm(
    context: PageContext,
    scope: Scope,
    filter: PeopleFilter,
    id: MembershipId,
    (seen, role): (Role, Role),
    is_row: bool,
) -> Result<HttpResponse, AppError> {
    context
        .show(move |connection, layout| {
            let member = members::find(connection, scope.organization_id(), &id)?.ok_or(AppError::NotFound)?;
            Ok(ConfirmRolePage {
                slug: scope.slug().to_owned(),
                place: filter.query(),
                list: filter.row(&scope, id.as_str()),
                id: id.to_string(),
                name: member.name(),
                is_self: member.user_id == scope.person().user_id,
                email: member.email,
                current: seen,
                role,
                is_row,
                layout: layout.at(Section::People),
            })
        })
        .await
}

/// What a refused change is answered with.
fn refusal(outcome: &ChangeRole) -> Option<(StatusCode, String)> {
    match outcome {
        ChangeRole::Stale { role: now } => {
            let sentence = format!("Somebody else changed this role to {now} meanwhile. Check it and choose again.");
            Some((StatusCode::CONFLICT, sentence))
        }
        ChangeRole::LastOwner => {
            Some((StatusCode::CONFLICT, "This is the only Owner. Make somebody else Owner first.".to_owned()))
        }
        ChangeRole::NotAllowed => {
            let sentence = "Your role does not allow this: nobody can give or take away a role above their own.";
            Some((StatusCode::FORBIDDEN, sentence.to_owned()))
        }
        ChangeRole::Changed { .. } | ChangeRole::Unchanged { .. } | ChangeRole::Gone => None,
    }
}

pub async fn change_role(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    filter: Query<PeopleFilter>,
    form: Form<RoleForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", MembershipId::parse)?;
    let (Query(filter), Form(form)) = (filter, form);
    let is_row = !form.choice.is_empty();
    let wanted = if is_row { &form.choice } else { &form.role };
    let (Some(role), Some(seen)) = (Role::parse(wanted), Role::parse(&form.current)) else {
        let errors = FieldErrors::field_only("role", "Choose one of the roles.");
        return page(context, scope, filter, id, StatusCode::UNPROCESSABLE_ENTITY, Some(form), errors).await;
    };
    let is_self = id == scope.membership.id;
    let is_grave = role != seen && (is_self || role == Role::Owner || seen == Role::Owner);
    let (by, member) = (scope.clone(), id.clone());
    let outcome = if is_grave && form.confirmed != "yes" {
        match context.app.read(move |connection| roles::refusal(connection, &by, &member, seen, role)).await? {
            Some(refused) => refused,
            None => return confirm(context, scope, filter, id, (seen, role), is_row).await,
        }
    } else {
        context.app.write(move |tx| roles::change(tx, &by, &member, seen, role)).await?
    };
    let row = filter.row(&scope, id.as_str());
    match refusal(&outcome) {
        Some((status, sentence)) if !is_row => {
            let errors = match outcome {
                ChangeRole::Stale { .. } => FieldErrors::form_only(sentence),
                _ => FieldErrors::field_only("role", sentence),
            };
            return page(context, scope, filter, id, status, Some(form), errors).await;
        }
        Some((_, sentence)) => return Ok(context.lead_to(&row, FlashKind::Error, sentence)),
        None => {}
    }
    match outcome {
        ChangeRole::Changed { .. } if is_self => {
            // Who lowered their own role may not be allowed to see people any more.
            let mut scope = scope;
            scope.membership.role = role;
            let next = if scope.may(Permission::ViewPeople) { row } else { scope.path("") };
            Ok(context.lead_to(&next, FlashKind::Success, format!("You are now {role}.")))
        }
        ChangeRole::Changed { name } => Ok(context.lead_to(&row, FlashKind::Success, format!("{name} is now {role}."))),
        ChangeRole::Unchanged { name } => {
            let message = format!("{name} has the role {role} already. Nothing was changed.");
            Ok(context.lead_to(&row, FlashKind::Notice, message))
        }
        _ => Err(AppError::NotFound),
    }
}
