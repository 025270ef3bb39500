//! `/organizations/{slug}/plans/orders`: what was ordered.

use actix_web::HttpResponse;
use askama::Template;
use strum::VariantArray;

use super::filter::{OrderFilter, PAGE};
use super::view;
use crate::access::Scope;
use crate::error::AppError;
use crate::money::Money;
use crate::orders::listing::{self, Range};
use crate::orders::order::{Order, Status};
use crate::paging::Part;
use crate::time::When;
use crate::web::{Layout, PageContext, Query, Section};

struct OrderRow {
    href: String,
    number: String,
    item: String,
    placed: When,
    by: String,
    status: (&'static str, &'static str),
    total: Money,
}

struct Tab {
    label: &'static str,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    layout: Layout,
    slug: String,
    tabs: Vec<Tab>,
    rows: Vec<OrderRow>,
    is_narrowed: bool,
    newer: Option<String>,
    older: Option<String>,
    export_url: String,
}

const BELOW: &str = "/plans/orders";

pub async fn show(context: PageContext, scope: Scope, query: Query<OrderFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    context
        .show(move |connection, layout| {
            let (organization, status, place) = (scope.organization_id(), filter.status(), filter.place());
            let found =
                listing::read(connection, Range { organization, status, place: place.clone(), limit: PAGE + 1 })?;
            let part = Part::new(found, &place, PAGE);
            let address = |name, order: &Order| OrderFilter::address(&scope, BELOW, status, Some((name, &order.id)));
            Ok(ListPage {
                slug: scope.slug().to_owned(),
                tabs: tabs(&scope, status),
                is_narrowed: status.is_some(),
                newer: part.rows.first().filter(|_| part.has_previous).map(|order| address("before", order)),
                older: part.rows.last().filter(|_| part.has_next).map(|order| address("after", order)),
                rows: part.rows.iter().map(|order| row(&scope, &layout, order)).collect(),
                export_url: OrderFilter::address(&scope, "/plans/orders/export.csv", status, None),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

fn row(scope: &Scope, layout: &Layout, order: &Order) -> OrderRow {
    OrderRow {
        href: scope.path(&format!("{BELOW}/{}", order.id)),
        number: order.number.clone(),
        item: order.item.to_string(),
        placed: layout.when(order.placed_at),
        by: order.actor().name(),
        status: view::status(order),
        total: order.bill.total(),
    }
}

fn tabs(scope: &Scope, current: Option<Status>) -> Vec<Tab> {
    let label = |status: Option<Status>| match status {
        None => "All",
        Some(Status::Pending) => "Waiting for payment",
        Some(Status::Paid) => "Paid",
        Some(Status::Ended) => "Ended",
    };
    let all = [None].into_iter().chain(Status::VARIANTS.iter().copied().map(Some));
    let tab = |status| Tab {
        label: label(status),
        href: OrderFilter::address(scope, BELOW, status, None),
        is_current: status == current,
    };
    all.map(tab).collect()
}
