//! `…/plans/orders/{id}/pay`, `…/return` and `…/end`: leading to the page of the provider, coming back from it, and giving up.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::access::Scope;
use crate::app::App;
use crate::error::AppError;
use crate::ids::{OrderId, PaymentId};
use crate::orders::ending::{self, End};
use crate::orders::order::{self, Order, Status};
use crate::orders::payment::{self, Begin, Payment, Status as PaymentStatus};
use crate::orders::settle::{Settle, settle};
use crate::payments::Payments;
use crate::payments::pages::customer::customer;
use crate::payments::provider::{CheckoutState, NewCheckout, Paid, ProviderError};
use crate::web::{FlashKind, PageContext, Query, path_id, role_lost, see_other};

const CHARGED_BY_ITSELF: AppError = AppError::Conflict(
    "The portal placed this order and charges it by itself, so nobody pays it by hand. Nothing was charged.",
);
const ENDS_BY_ITSELF: AppError =
    AppError::Conflict("The portal placed this order and ends it by itself where it is not paid. Nothing was changed.");

/// How often another page of the provider is opened where one has ended meanwhile.
const TRIES: usize = 3;

/// What is said where nobody takes payments.
pub const NOBODY_TAKES_PAYMENTS: &str = "Nothing can be paid in this portal: it has no provider of payments. Nothing was ordered; ask the company that runs it.";

/// What is said where money came for something that could not be given any more.
const NOT_OWED: &str = "The payment is not what this order owes, or came too late. Nothing was bought; the money is given back, or somebody looks at it.";

/// What is said when an order is paid.
pub(super) fn thanks(scope: &Scope, order: &Order) -> String {
    format!("Thank you: {} has {} now.", scope.membership.name, order.item)
}

fn page_of(scope: &Scope, order: &OrderId) -> String {
    scope.path(&format!("/plans/orders/{order}"))
}

pub async fn submit(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", OrderId::parse)?;
    lead(&context, &scope, &id).await
}

/// Leads to the page of the provider on which an order is paid: the same one however often it is asked for.
pub async fn lead(context: &PageContext, scope: &Scope, id: &OrderId) -> Result<HttpResponse, AppError> {
    let Some(payments) = context.app.payments.clone() else {
        let sentence = "Nothing can be paid here at the moment. The order waits.";
        return Ok(context.lead_to(&page_of(scope, id), FlashKind::Error, sentence));
    };
    for _ in 0..TRIES {
        let (by, order, kind) = (scope.clone(), id.clone(), payments.kind());
        let (order, payment) = match context.app.write(move |tx| payment::begin(tx, &by, &order, kind)).await? {
            Begin::Pay(order, payment) => (order, payment),
            Begin::Paid => {
                let sentence = "This order is paid. Nothing was charged again.";
                return Ok(context.lead_to(&page_of(scope, id), FlashKind::Notice, sentence));
            }
            Begin::Ended => {
                let sentence = "This order has ended. Place a new one.";
                return Ok(context.lead_to(&page_of(scope, id), FlashKind::Notice, sentence));
            }
            Begin::OfPortal => return Err(CHARGED_BY_ITSELF),
            Begin::NotAllowed(needed) => return Err(role_lost(&context.app, scope, needed).await),
            Begin::Gone => return Err(AppError::NotFound),
        };
        match opened(&context.app, &payments, scope, &order, &payment).await? {
            Opened::At(url) => return Ok(see_other(&url)),
            Opened::Paid(paid) => {
                let settled = take(&context.app, &payment.id, paid).await?;
                let is_paid = matches!(settled, Settle::Settled(_) | Settle::Already(_));
                return Ok(match is_paid {
                    true => context.lead_to(&page_of(scope, id), FlashKind::Success, thanks(scope, &order)),
                    false => see_other(&page_of(scope, id)),
                });
            }
            Opened::Ended => {
                let payment = payment.id.clone();
                let close =
                    move |tx: &mut crate::db::WriteTx<'_>| payment::close(tx, &payment, PaymentStatus::Ended, "");
                context.app.write(close).await?;
            }
            Opened::Away => break,
        }
    }
    let sentence =
        "The provider of payments does not answer. Nothing was charged; the order waits. Try again in a while.";
    Ok(context.lead_to(&page_of(scope, id), FlashKind::Error, sentence))
}

enum Opened {
    At(String),
    Paid(Paid),
    Ended,
    Away,
}

/// Asks the provider for the page of a payment. Outside of any transaction.
async fn opened(
    app: &App,
    payments: &Payments,
    scope: &Scope,
    order: &Order,
    payment: &Payment,
) -> Result<Opened, AppError> {
    if let Some(session) = payment.session.clone() {
        return Ok(match payments.ask(move |provider| provider.look(&session)).await {
            Ok(CheckoutState::Open { url }) => Opened::At(url),
            Ok(CheckoutState::Paid(paid)) => Opened::Paid(paid),
            Ok(CheckoutState::Ended) => Opened::Ended,
            Err(ProviderError::Away(_) | ProviderError::Refused(_)) => Opened::Away,
        });
    }
    let Ok(customer) = customer(app, payments, scope).await? else { return Ok(Opened::Away) };
    let back = app.context.links.to(&format!("{}/return", page_of(scope, &order.id)));
    let new = NewCheckout {
        payment: payment.id.clone(),
        organization: order.organization_id.clone(),
        customer,
        amount: order.bill.total(),
        description: format!("Order {}", order.number),
        keeps_method: order.item.keeps_method(),
        cancel_url: format!("{back}?left=yes"),
        success_url: back,
    };
    let Ok(checkout) = payments.ask(move |provider| provider.open_checkout(&new)).await else {
        return Ok(Opened::Away);
    };
    let (id, session) = (payment.id.clone(), checkout.session);
    app.write(move |tx| payment::set_session(tx, &id, &session)).await?;
    Ok(Opened::At(checkout.url))
}

async fn take(app: &App, payment: &PaymentId, paid: Paid) -> Result<Settle, AppError> {
    let payment = payment.clone();
    app.write(move |tx| settle(tx, &payment, &paid)).await
}

/// Which way somebody came back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReturnQuery {
    /// `yes`: without paying, as far as the provider knows.
    left: String,
}

/// Back from the page of the provider. What it says counts, not the address that was opened.
pub async fn back(
    request: HttpRequest,
    context: PageContext,
    scope: Scope,
    query: Query<ReturnQuery>,
) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", OrderId::parse)?;
    let path = page_of(&scope, &id);
    let organization = scope.organization_id().clone();
    let (order, payment) = context
        .app
        .read(move |connection| {
            let Some(order) = order::find(connection, &organization, &id)? else { return Ok(None) };
            let payment = payment::of_order(connection, &order.id)?.pop();
            Ok(Some((order, payment)))
        })
        .await?
        .ok_or(AppError::NotFound)?;
    if order.status == Status::Paid {
        return Ok(context.lead_to(&path, FlashKind::Success, thanks(&scope, &order)));
    }
    if let (Some(payments), Some(payment)) = (context.app.payments.clone(), &payment)
        && let Some(session) = payment.session.clone()
        && let Ok(CheckoutState::Paid(paid)) = payments.ask(move |provider| provider.look(&session)).await
    {
        match take(&context.app, &payment.id, paid).await? {
            Settle::Settled(order) | Settle::Already(order) => {
                return Ok(context.lead_to(&path, FlashKind::Success, thanks(&scope, &order)));
            }
            Settle::Unmatched => return Ok(context.lead_to(&path, FlashKind::Notice, NOT_OWED)),
            Settle::Unknown => {}
        }
    }
    let failure = payment.map(|payment| payment.failure).filter(|failure| !failure.is_empty());
    Ok(match failure {
        Some(failure) => context.lead_to(
            &path,
            FlashKind::Error,
            format!("The payment was declined. {failure} Nothing was charged."),
        ),
        None if query.0.left == "yes" => {
            context.lead_to(&path, FlashKind::Notice, "Nothing was paid. The order waits until it is paid or ended.")
        }
        None => {
            context.lead_to(&path, FlashKind::Notice, "The payment is on its way. This page will say when it is here.")
        }
    })
}

/// Ends an order, after its page at the provider is closed.
pub async fn end(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", OrderId::parse)?;
    let path = page_of(&scope, &id);
    let (organization, order) = (scope.organization_id().clone(), id.clone());
    let found = context.app.read(move |connection| {
        let Some(order) = order::find(connection, &organization, &order)? else { return Ok(None) };
        let payments = payment::of_order(connection, &order.id)?;
        Ok(Some((order, payments)))
    });
    let (order, payments) = found.await?.ok_or(AppError::NotFound)?;
    // Before its page is closed, which nobody else may do either.
    let needed = order.item.permission();
    if !scope.may(needed) {
        return Err(role_lost(&context.app, &scope, needed).await);
    }
    if order.is_of_portal() {
        return Err(ENDS_BY_ITSELF);
    }
    let open = payments.into_iter().find(|payment| payment.status == PaymentStatus::Open);
    if let (Some(payments), Some(payment)) = (context.app.payments.clone(), open)
        && let Some(session) = payment.session.clone()
    {
        match payments.ask(move |provider| provider.close_checkout(&session)).await {
            Ok(CheckoutState::Paid(paid)) => {
                take(&context.app, &payment.id, paid).await?;
            }
            Ok(CheckoutState::Open { .. } | CheckoutState::Ended) => {}
            Err(_) => {
                let sentence = "The provider of payments does not answer. Nothing was changed; try again in a while.";
                return Ok(context.lead_to(&path, FlashKind::Error, sentence));
            }
        }
    }
    let by = scope.clone();
    Ok(match context.app.write(move |tx| ending::end(tx, &by, &id)).await? {
        End::Ended => context.lead_to(&path, FlashKind::Success, "The order was ended. Nothing was charged."),
        End::Already => context.lead_to(&path, FlashKind::Notice, "The order had ended already."),
        End::Paid => context.lead_to(&path, FlashKind::Notice, "The order was paid meanwhile, and stays so."),
        End::OfPortal => return Err(ENDS_BY_ITSELF),
        End::NotAllowed(needed) => return Err(role_lost(&context.app, &scope, needed).await),
        End::Gone => return Err(AppError::NotFound),
    })
}
