//! `/organizations/{slug}/ownership`: offering it to another member, and withdrawing that.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use crate::access::{Permission, Role, Scope};
use crate::error::AppError;
use crate::ids::{MembershipId, OwnershipOfferId};
use crate::people::members;
use crate::people::ownership::offer::{self, Offer, Withdraw};
use crate::people::ownership::open;
use crate::time::When;
use crate::web::form::rules::{email_address, valid_email};
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, Query, Section, role_lost, too_often_sentence, with_retry_after,
};

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct OfferForm {
    #[serde(deserialize_with = "email_address")]
    #[validate(custom(function = "valid_email"))]
    email: String,
    role: String,
}

/// The role that is left to who offers, below Owner.
fn chosen(role: &str) -> Option<Role> {
    Role::parse(role).filter(|role| *role < Role::Owner)
}

/// The offer that is there.
struct OpenOffer {
    id: String,
    /// Whom it is made to, and by whom.
    to: String,
    to_email: String,
    from: String,
    role: Role,
    until: When,
}

#[derive(Template)]
#[template(path = "people/ownership.html")]
struct OwnershipPage {
    layout: Layout,
    slug: String,
    organization: String,
    open: Option<OpenOffer>,
    /// Who did not answer the last one in time, and until when they could.
    expired: Option<(String, When)>,
    /// For how many days one is good.
    days: i64,
    roles: Vec<Role>,
    form: OfferForm,
    errors: FieldErrors,
}

/// Whom the form begins with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Begun {
    member: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    begun: Begun,
    mut form: OfferForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let organization = scope.organization_id();
            let last = open::of_organization(connection, organization)?;
            let sides = last.as_ref().map(|last| open::sides(connection, last, layout.now())).transpose()?.flatten();
            let expired = last.as_ref().filter(|last| last.is_expired(layout.now()));
            if let Some(id) = MembershipId::parse(&begun.member)
                && let Some(member) = members::find(connection, organization, &id)?
            {
                form.email = member.email;
            }
            Ok(OwnershipPage {
                slug: scope.slug().to_owned(),
                expired: expired.map(|last| (last.name(), layout.when(last.expires_at))),
                open: last.zip(sides).map(|(open, sides)| OpenOffer {
                    id: open.id.to_string(),
                    to: sides.to.name(),
                    to_email: sides.to.email,
                    from: sides.from.name(),
                    role: open.role,
                    until: layout.when(open.expires_at),
                }),
                organization: scope.membership.name,
                days: open::LIFETIME.num_days(),
                roles: Role::ALL.iter().rev().copied().filter(|role| *role < Role::Owner).collect(),
                form,
                errors,
                layout: layout.at(Section::Settings),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope, begun: Query<Begun>) -> Result<HttpResponse, AppError> {
    let form = OfferForm { role: Role::Manager.key().to_owned(), ..OfferForm::default() };
    page(context, scope, StatusCode::OK, begun.0, form, FieldErrors::none()).await
}

pub async fn submit(context: PageContext, scope: Scope, form: Form<OfferForm>) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    let mut errors = FieldErrors::check(&form, &["email", "role"]);
    let role = chosen(&form.role);
    if role.is_none() {
        errors.add("role", "Choose one of the roles.");
    }
    let Some(role) = role.filter(|_| errors.is_empty()) else {
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Begun::default(), form, errors).await;
    };
    let (by, email) = (scope.clone(), form.email.clone());
    let problem = match context.app.write(move |tx| offer::offer(tx, &by, &email, role)).await? {
        Offer::Offered { name } => {
            let message = format!("{name} is asked by mail. Until they accept, everything stays as it is.");
            return Ok(context.lead_to_mail(&scope.path("/ownership"), FlashKind::Success, message));
        }
        Offer::OtherOpen { name } => {
            let message = format!("An offer to {name} is open. Withdraw it before you make another one.");
            let errors = FieldErrors::form_only(message);
            return page(context, scope, StatusCode::CONFLICT, Begun::default(), form, errors).await;
        }
        Offer::TooOften(too_often) => {
            let errors = FieldErrors::form_only(too_often_sentence(too_often));
            let answer = page(context, scope, StatusCode::TOO_MANY_REQUESTS, Begun::default(), form, errors).await?;
            return Ok(with_retry_after(answer, too_often));
        }
        Offer::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::TransferOwnership).await),
        Offer::Unknown => format!("Nobody with this address is in {}. Invite them first.", scope.membership.name),
        Offer::Oneself => "This is your own address. Enter that of another member.".to_owned(),
        Offer::AlreadyOwner { name } => {
            format!("{name} is an Owner already. You can change your own role on your page in User Management.")
        }
        Offer::Suspended { name } => format!("The account of {name} is suspended, so they cannot accept."),
    };
    let errors = FieldErrors::field_only("email", problem);
    page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, Begun::default(), form, errors).await
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WithdrawForm {
    offer: String,
}

/// `/organizations/{slug}/ownership/withdraw`
pub async fn withdraw(context: PageContext, scope: Scope, form: Form<WithdrawForm>) -> Result<HttpResponse, AppError> {
    let Some(id) = OwnershipOfferId::parse(&form.0.offer) else {
        let errors = FieldErrors::form_only("The form did not say which offer. Look at this page and try again.");
        let (begun, form) = (Begun::default(), OfferForm::default());
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, begun, form, errors).await;
    };
    let by = scope.clone();
    let (kind, message) = match context.app.write(move |tx| offer::withdraw(tx, &by, &id)).await? {
        Withdraw::Withdrawn { name } => {
            (FlashKind::Success, format!("The offer to {name} is withdrawn. Nobody can accept it any more."))
        }
        Withdraw::Gone => (FlashKind::Notice, "That offer is not open any more. Nothing was changed.".to_owned()),
        Withdraw::NotAllowed => return Err(role_lost(&context.app, &scope, Permission::TransferOwnership).await),
    };
    Ok(context.lead_to(&scope.path("/ownership"), kind, message))
}
