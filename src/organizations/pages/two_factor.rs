//! `/organizations/{slug}/settings/two-factor`: whether everybody who enters needs two-factor authentication, with who lacks it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Scope, SignedIn};
use crate::error::AppError;
use crate::organizations::policies::{self, RequireTwoFactor};
use crate::people::counts;
use crate::people::pages::without_two_factor::people_words;
use crate::people::two_factor::{self, Lacking, Place};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, role_lost};

/// How many of those who lack it are named; all of them have a page of their own.
const NAMED: usize = 10;

#[derive(Template)]
#[template(path = "organizations/two_factor.html")]
struct TwoFactorPage {
    layout: Layout,
    slug: String,
    organization: String,
    is_required: bool,
    /// Whether the Owner who looks has it.
    has_it: bool,
    /// How many people can sign in.
    people: usize,
    /// How many of them lack it, in words.
    lacking: String,
    /// The first of them.
    rows: Vec<Lacking>,
    has_more: bool,
    errors: FieldErrors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TwoFactorForm {
    /// `yes` or `no`.
    required: String,
}

async fn page(
    context: PageContext,
    scope: Scope,
    signed_in: SignedIn,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let organization = scope.organization_id();
            let people = counts::read(connection, organization, layout.now())?.active.total();
            let lacking = people_words(two_factor::count(connection, organization)?);
            let part = two_factor::lacking(connection, organization, &Place::Start, NAMED)?;
            Ok(TwoFactorPage {
                slug: scope.slug().to_owned(),
                organization: scope.membership.name.clone(),
                is_required: scope.membership.policies.requires_two_factor,
                has_it: signed_in.has_two_factor,
                people,
                lacking,
                rows: part.rows,
                has_more: part.has_next,
                errors,
                layout: layout.at(Section::Settings),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    page(context, scope, signed_in, StatusCode::OK, FieldErrors::none()).await
}

pub async fn submit(
    context: PageContext,
    scope: Scope,
    signed_in: SignedIn,
    form: Form<TwoFactorForm>,
) -> Result<HttpResponse, AppError> {
    let required = match form.0.required.as_str() {
        "yes" => true,
        "no" => false,
        _ => {
            let errors = FieldErrors::form_only("The form did not arrive whole. Nothing was changed.");
            return page(context, scope, signed_in, StatusCode::UNPROCESSABLE_ENTITY, errors).await;
        }
    };
    let (by, shown) = (scope.clone(), scope.path("/settings"));
    let message = match required {
        true => "Everybody who enters needs two-factor authentication now.",
        false => "Two-factor authentication is not required any more.",
    };
    match context.app.write(move |tx| policies::require_two_factor(tx, &by, required)).await? {
        RequireTwoFactor::Saved => Ok(context.lead_to(&shown, FlashKind::Success, message)),
        RequireTwoFactor::Unchanged => Ok(context.lead_to(&shown, FlashKind::Notice, "Nothing was changed.")),
        // The page says what they have to do first.
        RequireTwoFactor::LackIt => page(context, scope, signed_in, StatusCode::CONFLICT, FieldErrors::none()).await,
        RequireTwoFactor::NotAllowed => Err(role_lost(&context.app, &scope, Permission::EditSettings).await),
    }
}
