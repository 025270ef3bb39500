//! `/organizations/{slug}/plans/payment-method/open`, which leads to the page of the provider on which a method is kept, and `…/return`,
//! where that leads back to.

use actix_web::HttpResponse;
use chrono::Duration;

use crate::access::Scope;
use crate::error::AppError;
use crate::payments::method_pages::{self, Begin};
use crate::payments::methods;
use crate::payments::pages::customer::customer;
use crate::payments::provider::{Checkout, NewMethodPage};
use crate::web::{FlashKind, PageContext, see_other};

/// For how long a method counts as the one that was kept just now: an event may have told of it first.
const JUST_NOW: Duration = Duration::hours(1);

const NOBODY: AppError =
    AppError::Conflict("Nobody takes payments here, so no payment method can be kept. Nothing was changed.");

pub async fn open(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let payments = context.app.payments.clone().ok_or(NOBODY)?;
    let (by, kind) = (scope.clone(), payments.kind());
    match context.app.write(move |tx| method_pages::begin(tx, &by)).await? {
        Begin::Granted => {}
        Begin::TooOften(too_often) => return Err(too_often.into()),
        Begin::NotAllowed => {
            let sentence = "Your role does not allow this any more. Nothing was changed.";
            return Ok(context.lead_to(&scope.path(""), FlashKind::Error, sentence));
        }
    }
    let customer = customer(&context.app, &payments, &scope).await??;
    let (links, below) = (&context.app.context.links, scope.path("/plans/payment-method"));
    let new = NewMethodPage {
        organization: scope.organization_id().clone(),
        customer,
        success_url: links.to(&format!("{below}/return")),
        cancel_url: links.to(&below),
    };
    let Checkout { session, url } = payments.ask(move |provider| provider.open_method_page(&new)).await?;
    context.app.write(move |tx| method_pages::opened(tx, &scope, kind, &session)).await?;
    Ok(see_other(&url))
}

pub async fn back(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let (organization, now) = (scope.organization_id().clone(), context.app.now());
    let path = scope.path("/plans/payment-method");
    let Some(payments) = context.app.payments.clone() else { return Ok(see_other(&path)) };
    let id = organization.clone();
    let mut is_away = false;
    for session in context.app.look(move |connection| method_pages::open_of(connection, &id, now)).await? {
        let asked = session.clone();
        match payments.ask(move |provider| provider.look_at_method_page(&asked)).await {
            Ok(state) => {
                let kind = payments.kind();
                context.app.write(move |tx| method_pages::store(tx, kind, &session, &state)).await?;
            }
            Err(_) => is_away = true,
        }
    }
    let kept = context.app.look(move |connection| methods::of(connection, &organization)).await?;
    let (kind, sentence) = match kept.filter(|method| now - method.kept_at < JUST_NOW) {
        Some(method) => (FlashKind::Success, format!("{} is kept.", method.words())),
        None if is_away => {
            let sentence =
                "The payment provider cannot be asked just now. What was kept there stands here within minutes.";
            (FlashKind::Notice, sentence.to_owned())
        }
        None => (FlashKind::Notice, "No payment method was kept.".to_owned()),
    };
    Ok(context.lead_to(&path, kind, sentence))
}
