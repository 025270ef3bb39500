//! `/organizations/{slug}/plans/payment-method`: what the Organization pays with while nobody is there, and `…/remove`, which says what
//! that means.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::Scope;
use crate::db::Connection;
use crate::error::AppError;
use crate::licences::renewing::renewing;
use crate::orders::top_up::method::{self as top_up_method, Removal};
use crate::orders::top_up::settings::{self, Settings};
use crate::payments::Payments;
use crate::payments::methods::{self, PaymentMethod, Remove};
use crate::time::When;
use crate::web::{FlashKind, Form, Layout, PageContext, Section};

/// How many renewals are named.
const RENEWALS: usize = 10;

/// What is charged next.
struct Renewal {
    href: String,
    product: String,
    plan: String,
    on: Option<When>,
}

struct Shown {
    method: PaymentMethod,
    /// December 2029
    expires: Option<String>,
    since: When,
    has_expired: bool,
    expires_soon: bool,
    /// It was kept with a provider that the portal has no more.
    is_foreign: bool,
}

/// What both pages show.
struct View {
    slug: String,
    organization: String,
    /// Whether anybody takes payments here.
    can_pay: bool,
    shown: Option<Shown>,
    renewals: Vec<Renewal>,
    has_more: bool,
}

#[derive(Template)]
#[template(path = "payments/method.html")]
struct MethodPage {
    layout: Layout,
    view: View,
}

#[derive(Template)]
#[template(path = "payments/remove.html")]
struct RemovePage {
    layout: Layout,
    view: View,
    /// Whether auto top-up ends with it.
    is_topped_up: bool,
}

impl View {
    fn read(
        connection: &mut Connection,
        layout: &Layout,
        scope: &Scope,
        payments: Option<&Payments>,
    ) -> Result<Self, AppError> {
        let (now, organization) = (layout.now(), scope.organization_id());
        let method = methods::of(connection, organization)?;
        let mut renewals = renewing(connection, organization, now, RENEWALS as i64 + 1)?;
        let has_more = renewals.len() > RENEWALS;
        renewals.truncate(RENEWALS);
        let shown = method.map(|method| Shown {
            expires: method.good_until.map(|day| day.format("%B %Y").to_string()),
            since: layout.when(method.kept_at),
            has_expired: method.has_expired_at(now),
            expires_soon: method.expires_soon_at(now),
            is_foreign: payments.is_none_or(|payments| !method.is_of(payments.kind())),
            method,
        });
        let renewals = renewals.into_iter().map(|renewing| Renewal {
            href: scope.path(&format!("/plans/{}", renewing.id)),
            product: renewing.product,
            plan: renewing.plan,
            on: renewing.ends_at.map(|at| layout.when(at)),
        });
        Ok(Self {
            slug: scope.slug().to_owned(),
            organization: scope.membership.name.clone(),
            can_pay: payments.is_some(),
            shown,
            renewals: renewals.collect(),
            has_more,
        })
    }
}

pub async fn show(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let payments = context.app.payments.clone();
    context
        .show(move |connection, layout| {
            let view = View::read(connection, &layout, &scope, payments.as_ref())?;
            Ok(MethodPage { view, layout: layout.at(Section::Plans) })
        })
        .await
}

pub async fn confirm(context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let payments = context.app.payments.clone();
    context
        .show(move |connection, layout| {
            let view = View::read(connection, &layout, &scope, payments.as_ref())?;
            let is_topped_up =
                settings::read(connection, scope.organization_id())?.is_some_and(|set| Settings::is_on(&set));
            Ok(RemovePage { view, is_topped_up, layout: layout.at(Section::Plans) })
        })
        .await
}

/// Which method was shown, as the provider calls it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    method: String,
}

pub async fn remove(context: PageContext, scope: Scope, form: Form<RemoveForm>) -> Result<HttpResponse, AppError> {
    let (by, Form(RemoveForm { method })) = (scope.clone(), form);
    let Removal { method, was_topped_up } =
        context.app.write(move |tx| top_up_method::remove(tx, &by, &method)).await?;
    let (kind, sentence) = match method {
        Remove::Removed if was_topped_up => (
            FlashKind::Success,
            "Removed, and auto top-up was switched off. Nothing is charged any more while nobody is there.",
        ),
        Remove::Removed => (FlashKind::Success, "Removed. Nothing is charged any more while nobody is there."),
        Remove::Nothing => (FlashKind::Notice, "There is no payment method. Nothing was changed."),
        Remove::Changed => {
            (FlashKind::Error, "Another payment method was kept meanwhile. Nothing was changed: look at it first.")
        }
        Remove::NotAllowed => (FlashKind::Error, "Your role does not allow this any more. Nothing was changed."),
    };
    Ok(context.lead_to(&scope.path("/plans/payment-method"), kind, sentence))
}
