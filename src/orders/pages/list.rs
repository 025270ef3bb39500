//! `/organizations/{slug}/plans/orders`: what was ordered.

use actix_web::HttpResponse;
use askama::Template;
use chrono::Datelike;
use strum::VariantArray;

use super::filter::{OrderFilter, PAGE};
use super::view;
use crate::access::Scope;
use crate::error::AppError;
use crate::invoices::pages::invoice;
use crate::money::Money;
use crate::orders::item::Kind;
use crate::orders::listing::{self, Listed};
use crate::orders::order::Status;
use crate::paging::Part;
use crate::time::{Timestamp, When};
use crate::web::{Layout, PageContext, Query, Section};

struct OrderRow {
    href: String,
    number: String,
    item: String,
    placed: When,
    by: String,
    status: (&'static str, &'static str),
    total: Money,
    /// Where its invoice is, and the number.
    invoice: Option<(String, String)>,
}

struct Tab {
    label: &'static str,
    href: String,
    is_current: bool,
}

/// Something that the list can be narrowed to.
struct Choice {
    key: String,
    label: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "orders/list.html")]
struct ListPage {
    layout: Layout,
    slug: String,
    tabs: Vec<Tab>,
    /// The state that the form keeps.
    status: String,
    kinds: Vec<Choice>,
    years: Vec<Choice>,
    rows: Vec<OrderRow>,
    is_narrowed: bool,
    newer: Option<String>,
    older: Option<String>,
    export_url: String,
    /// The year whose invoices can be had as a file.
    invoices_of: i32,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<OrderFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    let zone = context.reading().calendar.zone;
    let filter = OrderFilter { zone, ..filter };
    context
        .show(move |connection, layout| {
            let place = filter.place();
            let found = listing::read(connection, &filter.range(&scope, place.clone(), PAGE + 1))?;
            let part = Part::new(found, &place, PAGE);
            let first = listing::first_placed(connection, scope.organization_id())?;
            let (now, filter) = (layout.now(), &filter);
            Ok(ListPage {
                slug: scope.slug().to_owned(),
                tabs: tabs(&scope, filter),
                status: filter.status.clone(),
                kinds: kinds(filter),
                years: years(filter, first, now),
                is_narrowed: filter.is_narrowed(),
                newer: part.rows.first().filter(|_| part.has_previous).map(|order| filter.newer(order).page(&scope)),
                older: part.rows.last().filter(|_| part.has_next).map(|order| filter.older(order).page(&scope)),
                rows: part.rows.into_iter().map(|order| row(&scope, &layout, order)).collect(),
                export_url: filter.file(&scope),
                invoices_of: filter.year().unwrap_or(now.day().year()),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

fn row(scope: &Scope, layout: &Layout, order: Listed) -> OrderRow {
    OrderRow {
        href: scope.path(&format!("/plans/orders/{}", order.id)),
        number: order.number,
        item: order.item.to_string(),
        placed: layout.when(order.placed_at),
        by: order.by,
        status: view::status(order.status, order.total.minor, order.refunded),
        total: order.total,
        invoice: order.invoice.map(|(id, number)| (invoice::path(scope, &id), number)),
    }
}

fn tabs(scope: &Scope, filter: &OrderFilter) -> Vec<Tab> {
    let label = |status: Option<Status>| match status {
        None => "All",
        Some(Status::Pending) => "Waiting for payment",
        Some(Status::Paid) => "Paid",
        Some(Status::Ended) => "Ended",
    };
    let all = [None].into_iter().chain(Status::VARIANTS.iter().copied().map(Some));
    let tab = |status| Tab {
        label: label(status),
        href: filter.with_status(status).page(scope),
        is_current: status == filter.status(),
    };
    all.map(tab).collect()
}

fn kinds(filter: &OrderFilter) -> Vec<Choice> {
    let label = |kind: Kind| match kind {
        Kind::Licence => "Licences",
        Kind::Credits => "Credits",
        Kind::TopUp => "Automatic top-ups",
        Kind::Renewal => "Automatic renewals",
        Kind::Change => "Changes and renewals by hand",
    };
    let choice = |kind: &Kind| Choice {
        key: kind.as_ref().to_owned(),
        label: label(*kind).to_owned(),
        is_current: filter.kind() == Some(*kind),
    };
    Kind::VARIANTS.iter().map(choice).collect()
}

/// From this year back to that of the first order.
fn years(filter: &OrderFilter, first: Option<Timestamp>, now: Timestamp) -> Vec<Choice> {
    let year = |moment| filter.zone.day(moment).year();
    let last = year(now);
    let first = first.map_or(last, year);
    let choice = |year: i32| {
        let key = year.to_string();
        Choice { label: key.clone(), key, is_current: filter.year() == Some(year) }
    };
    (first..=last).rev().map(choice).collect()
}
