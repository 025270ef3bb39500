//! `/organizations/{slug}/plans/orders/{id}`: an order, what is to be paid for it, and what came of it.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::bill::BillView;
use super::view;
use crate::access::Scope;
use crate::billing::party::Party;
use crate::error::AppError;
use crate::ids::OrderId;
use crate::invoices::listing::{Summary, of_order};
use crate::invoices::pages::invoice;
use crate::orders::item::Item;
use crate::orders::order::{self, Order, Status};
use crate::orders::payment::{self, Payment, Status as PaymentStatus};
use crate::time::When;
use crate::web::{Layout, PageContext, Section, path_id};

struct PaymentRow {
    at: When,
    what: &'static str,
    about: String,
}

/// An invoice or a credit note of it.
struct Document {
    href: String,
    title: String,
    total: String,
}

#[derive(Template)]
#[template(path = "orders/order.html")]
struct OrderPage {
    layout: Layout,
    slug: String,
    id: OrderId,
    number: String,
    what: String,
    status: (&'static str, &'static str),
    placed: When,
    by: String,
    paid: Option<When>,
    ends: Option<When>,
    ended: Option<When>,
    /// Whether no money came for it.
    is_uncharged: bool,
    refunded: Option<String>,
    buyer: Party,
    bill: BillView,
    payments: Vec<PaymentRow>,
    documents: Vec<Document>,
    /// Where what came of it is found, and what it is.
    outcome: Option<(String, &'static str)>,
    can_pay: bool,
    is_pending: bool,
    /// The portal charges it, or ends it.
    is_of_portal: bool,
}

pub async fn show(request: HttpRequest, context: PageContext, scope: Scope) -> Result<HttpResponse, AppError> {
    let id = path_id(&request, "id", OrderId::parse)?;
    context
        .show(move |connection, layout| {
            let found = order::find(connection, scope.organization_id(), &id)?;
            let order = found.ok_or(AppError::NotFound)?;
            let payments = payment::of_order(connection, &order.id)?;
            let documents = of_order(connection, &scope, &order.id)?;
            Ok(page(layout, &scope, order, &payments, &documents))
        })
        .await
}

fn page(layout: Layout, scope: &Scope, order: Order, payments: &[Payment], documents: &[Summary]) -> OrderPage {
    let is_pending = order.status == Status::Pending;
    let refunded = (order.refunded > 0).then(|| order.bill.money(order.refunded).to_string());
    OrderPage {
        slug: scope.slug().to_owned(),
        number: order.number.clone(),
        what: order.item.to_string(),
        status: view::status(order.status, order.bill.total, order.refunded),
        placed: layout.when(order.placed_at),
        by: order.actor().name(),
        paid: order.paid_at.map(|at| layout.when(at)),
        ends: is_pending.then(|| layout.when(order.ends_at)),
        ended: order.ended_at.filter(|_| order.status == Status::Ended).map(|at| layout.when(at)),
        is_uncharged: payments.iter().all(|payment| payment.status != PaymentStatus::Unmatched),
        refunded,
        bill: BillView::new(&order.bill),
        payments: payments.iter().filter_map(|payment| row(&layout, payment)).collect(),
        documents: documents.iter().map(|document| told(scope, &order, document)).collect(),
        outcome: outcome(scope, &order),
        can_pay: is_pending && scope.may(order.item.permission()) && !order.is_of_portal(),
        is_of_portal: order.is_of_portal(),
        is_pending,
        buyer: order.buyer,
        id: order.id,
        layout: layout.at(Section::Plans),
    }
}

fn told(scope: &Scope, order: &Order, document: &Summary) -> Document {
    Document {
        href: invoice::path(scope, &document.id),
        title: invoice::title(document.kind, &document.number),
        total: order.bill.money(document.total).to_string(),
    }
}

/// What there is to say about a payment.
fn row(layout: &Layout, payment: &Payment) -> Option<PaymentRow> {
    let (what, about) = match payment.status {
        PaymentStatus::Open | PaymentStatus::Ended if payment.failure.is_empty() => return None,
        PaymentStatus::Open | PaymentStatus::Ended | PaymentStatus::Declined => ("Declined", payment.failure.clone()),
        PaymentStatus::Paid => ("Paid", payment.method.clone()),
        PaymentStatus::Unmatched if payment.given_back_at.is_some() => {
            ("Given back", format!("{} arrived when nothing was owed any more.", payment.arrived))
        }
        PaymentStatus::Unmatched => (
            "Being looked at",
            format!(
                "{} arrived, which this order does not owe. It is given back, or somebody looks at it.",
                payment.arrived
            ),
        ),
    };
    Some(PaymentRow { at: layout.when(payment.updated_at), what, about })
}

fn outcome(scope: &Scope, order: &Order) -> Option<(String, &'static str)> {
    if order.status != Status::Paid {
        return None;
    }
    match (&order.item, &order.licence_id) {
        (Item::Credits(_), _) => Some((scope.path("/credits"), "Credit History")),
        (_, Some(licence)) => Some((scope.path(&format!("/plans/{licence}")), "Open the licence")),
        (_, None) => None,
    }
}
