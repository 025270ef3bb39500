//! `/organizations/{slug}/plans/redeem`: a code, what it is worth and who gets it, and then redeeming it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

use crate::access::{Membership, Permission, Scope};
use crate::error::AppError;
use crate::security::{Event, Outcome};
use crate::vouchers::redeem::{self, Preview, Redeem, Refusal};
use crate::vouchers::worth::Worth;
use crate::web::form::rules::one_line;
use crate::web::{
    FieldErrors, FlashKind, Form, Layout, PageContext, Section, client_network, role_lost, security_event,
    too_often_sentence, with_retry_after,
};

/// How many other Organizations are offered.
const OTHERS: i64 = 100;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RedeemForm {
    #[serde(deserialize_with = "one_line")]
    pub code: String,
    /// `yes`, from the page that says what it is worth.
    pub confirmed: String,
}

/// Another Organization for which the person may redeem it.
struct Other {
    name: String,
    slug: String,
}

#[derive(Template)]
#[template(path = "vouchers/redeem.html")]
struct RedeemPage {
    layout: Layout,
    slug: String,
    organization: String,
    others: Vec<Other>,
    form: RedeemForm,
    errors: FieldErrors,
    /// What the code is worth, once it is known.
    worth: Option<Worth>,
}

async fn page(
    context: PageContext,
    scope: Scope,
    status: StatusCode,
    form: RedeemForm,
    errors: FieldErrors,
    worth: Option<Worth>,
) -> Result<HttpResponse, AppError> {
    context
        .show_as(status, move |connection, layout| {
            let memberships = Membership::of_user(connection, &scope.person().user_id, OTHERS)?;
            let others = memberships.into_iter().filter(|other| {
                other.may(Permission::RedeemVouchers) && other.organization_id != *scope.organization_id()
            });
            Ok(RedeemPage {
                slug: scope.slug().to_owned(),
                organization: scope.membership.name.clone(),
                others: others.map(|Membership { name, slug, .. }| Other { name, slug }).collect(),
                form,
                errors,
                worth,
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    page(context, scope, StatusCode::OK, RedeemForm::default(), FieldErrors::none(), None).await
}

pub async fn submit(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    form: Form<RedeemForm>,
) -> Result<HttpResponse, AppError> {
    let Form(form) = form;
    if form.code.is_empty() {
        let errors = FieldErrors::field_only("code", "Enter the code of the voucher.");
        return page(context, scope, StatusCode::UNPROCESSABLE_ENTITY, form, errors, None).await;
    }
    let (by, code, network) = (scope.clone(), form.code.clone(), client_network(&request, &context.app.config));
    if form.confirmed != "yes" {
        let preview = context.app.write(move |tx| redeem::preview(tx, &by, &code, &network)).await?;
        return match preview {
            Preview::Worth(worth) => page(context, scope, StatusCode::OK, form, FieldErrors::none(), Some(worth)).await,
            Preview::Refused(refusal) => refused(&request, context, scope, form, refusal).await,
        };
    }
    match context.app.write(move |tx| redeem::redeem(tx, &by, &code, &network)).await? {
        Redeem::Redeemed(worth) => {
            let (next, message) = redeemed(&scope, &worth);
            Ok(context.lead_to(&next, FlashKind::Success, message))
        }
        Redeem::Refused(refusal) => refused(&request, context, scope, form, refusal).await,
    }
}

/// Where what was redeemed is found, and what is said there.
fn redeemed(scope: &Scope, worth: &Worth) -> (String, String) {
    let name = &scope.membership.name;
    match worth {
        Worth::Licence(_) => (scope.path("/plans"), format!("Voucher redeemed: {name} has {worth} now.")),
        Worth::Credits(_) => (scope.path("/credits"), format!("Voucher redeemed: {name} got {worth}.")),
    }
}

async fn refused(
    request: &HttpRequest,
    context: PageContext,
    scope: Scope,
    form: RedeemForm,
    refusal: Refusal,
) -> Result<HttpResponse, AppError> {
    if refusal == Refusal::NotAllowed {
        return Err(role_lost(&context.app, &scope, Permission::RedeemVouchers).await);
    }
    match refusal {
        Refusal::Unknown | Refusal::OtherCustomer => {
            security_event(request, Event::WrongVoucher, Outcome::Refused, "");
        }
        Refusal::TooOften(_) => security_event(request, Event::WrongVoucher, Outcome::Limited, ""),
        _ => {}
    }
    let reading = context.reading();
    let (status, sentence) = match &refusal {
        Refusal::Unknown => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "No voucher has this code. Check it letter by letter; it has none of 0, 1, I and O.".to_owned(),
        ),
        Refusal::UsedUp => (StatusCode::CONFLICT, "This voucher has been redeemed already.".to_owned()),
        Refusal::Expired { ended_at } => {
            let last = reading.last_day(*ended_at).words();
            (StatusCode::GONE, format!("This voucher has expired: its last day was {last}."))
        }
        Refusal::OtherCustomer => {
            let name = &scope.membership.name;
            (StatusCode::CONFLICT, format!("This voucher was made for another customer, not for {name}."))
        }
        Refusal::Already { at } => {
            let (name, when) = (&scope.membership.name, reading.when(*at).words());
            (StatusCode::CONFLICT, format!("{name} redeemed this voucher on {when}. Nothing was changed."))
        }
        Refusal::TooOften(too_often) => (StatusCode::TOO_MANY_REQUESTS, too_often_sentence(*too_often)),
        // Answered above.
        Refusal::NotAllowed => (StatusCode::FORBIDDEN, String::new()),
    };
    let errors = match refusal {
        Refusal::TooOften(_) => FieldErrors::form_only(sentence),
        _ => FieldErrors::field_only("code", sentence),
    };
    let answer = page(context, scope, status, form, errors, None).await?;
    Ok(match refusal {
        Refusal::TooOften(too_often) => with_retry_after(answer, too_often),
        _ => answer,
    })
}
