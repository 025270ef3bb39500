//! `/account/security/passkeys`: those of an account, their names, and removing one.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use validator::Validate;

use super::PASSKEYS;
use crate::access::SignedIn;
use crate::accounts::passkeys::{self, Listed, MOST, Remove};
use crate::accounts::ways_in;
use crate::error::AppError;
use crate::ids::PasskeyId;
use crate::security::{Event, Outcome};
use crate::time::When;
use crate::web::form::rules::{given, name, plain_name};
use crate::web::{FieldErrors, FlashKind, Form, Layout, PageContext, Section, path_id, security_event};

/// A passkey, as pages show it.
struct Row {
    id: PasskeyId,
    name: String,
    added: When,
    used: Option<When>,
}

impl Row {
    fn new(layout: &Layout, passkey: Listed) -> Self {
        let Listed { id, name, created_at, last_used_at } = passkey;
        Self { id, name, added: layout.when(created_at), used: last_used_at.map(|moment| layout.when(moment)) }
    }
}

#[derive(Template)]
#[template(path = "accounts/security/passkeys.html")]
struct PasskeysPage {
    layout: Layout,
    rows: Vec<Row>,
    /// Whether this portal has a name that passkeys can be made for.
    is_possible: bool,
    most: i64,
}

impl PasskeysPage {
    fn is_full(&self) -> bool {
        self.rows.len() as i64 >= self.most
    }
}

pub async fn show(context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let is_possible = context.app.passkeys.is_some();
    context
        .show(move |connection, layout| {
            let layout = layout.at(Section::Security);
            let all = passkeys::of_user(connection, &signed_in.person.user_id)?;
            let rows = all.into_iter().map(|passkey| Row::new(&layout, passkey)).collect();
            Ok(PasskeysPage { layout, rows, is_possible, most: MOST })
        })
        .await
}

#[derive(Clone, Debug, Default, Deserialize, Validate)]
#[serde(default)]
pub struct NameForm {
    #[serde(deserialize_with = "name")]
    #[validate(
        custom(function = "given", message = "Enter a name by which you know the device."),
        custom(function = "plain_name"),
        length(max = 60, message = "Use at most 60 characters.")
    )]
    passkey_name: String,
}

#[derive(Template)]
#[template(path = "accounts/security/passkey_name.html")]
struct NamePage {
    layout: Layout,
    id: PasskeyId,
    form: NameForm,
    errors: FieldErrors,
}

async fn found(context: &PageContext, signed_in: &SignedIn, id: &PasskeyId) -> Result<Listed, AppError> {
    let (user, id) = (signed_in.person.user_id.clone(), id.clone());
    let found = context.app.read(move |connection| passkeys::find(connection, &user, &id)).await?;
    found.ok_or(AppError::NotFound)
}

async fn name_page(
    context: PageContext,
    status: StatusCode,
    id: PasskeyId,
    form: NameForm,
    errors: FieldErrors,
) -> Result<HttpResponse, AppError> {
    let build =
        move |_: &mut _, layout: Layout| Ok(NamePage { layout: layout.at(Section::Security), id, form, errors });
    context.show_as(status, build).await
}

/// `/account/security/passkeys/{id}`
pub async fn show_name(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", PasskeyId::parse)?;
    let form = NameForm { passkey_name: found(&context, &signed_in, &id).await?.name };
    name_page(context, StatusCode::OK, id, form, FieldErrors::none()).await
}

pub async fn rename(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
    form: Form<NameForm>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", PasskeyId::parse)?;
    let Form(form) = form;
    let errors = FieldErrors::check(&form, &["passkey_name"]);
    if !errors.is_empty() {
        found(&context, &signed_in, &id).await?;
        return name_page(context, StatusCode::UNPROCESSABLE_ENTITY, id, form, errors).await;
    }
    let name = form.passkey_name;
    match context.app.write(move |tx| passkeys::rename(tx, &signed_in.person, &id, &name)).await? {
        true => Ok(context.lead_to(PASSKEYS, FlashKind::Success, "The passkey has its new name.")),
        false => Err(AppError::NotFound),
    }
}

#[derive(Template)]
#[template(path = "accounts/security/passkey_remove.html")]
struct RemovePage {
    layout: Layout,
    row: Row,
    /// Whether two-factor authentication ends with it.
    turns_off: bool,
}

/// `/account/security/passkeys/{id}/remove`
pub async fn confirm_removal(
    request: HttpRequest,
    context: PageContext,
    signed_in: SignedIn,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", PasskeyId::parse)?;
    let passkey = found(&context, &signed_in, &id).await?;
    context
        .show(move |connection, layout| {
            let layout = layout.at(Section::Security);
            let ways_in = ways_in::of_user(connection, &signed_in.person.user_id)?;
            let turns_off = ways_in.two_factor.is_some() && !ways_in.has_app && ways_in.passkeys == 1;
            Ok(RemovePage { row: Row::new(&layout, passkey), layout, turns_off })
        })
        .await
}

pub async fn remove(request: HttpRequest, context: PageContext, signed_in: SignedIn) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", PasskeyId::parse)?;
    let removed = context.app.write(move |tx| passkeys::remove(tx, &signed_in.person, &id)).await?;
    let message = match removed {
        Remove::Removed => "The passkey is removed.",
        Remove::TurnedOff => "The passkey is removed, and two-factor authentication is off.",
        Remove::None => return Ok(context.lead_to(PASSKEYS, FlashKind::Notice, "That passkey was removed before.")),
    };
    security_event(&request, Event::Passkey, Outcome::Success, "removed");
    if removed == Remove::TurnedOff {
        security_event(&request, Event::TwoFactor, Outcome::Success, "off");
    }
    Ok(context.lead_to(PASSKEYS, FlashKind::Success, message))
}
