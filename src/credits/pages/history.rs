//! `/organizations/{slug}/credits`: the balance, how it came about, and what of it ends soon.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{Duration, NaiveTime};
use strum::VariantArray;

use crate::access::{Permission, Scope};
use crate::credits::amount::{counted, grouped, signed};
use crate::credits::balances;
use crate::credits::entry::{Entry, Kind, Source};
use crate::credits::history::{self, Overview, TopUpState};
use crate::credits::pages::chart::{Chart, Span};
use crate::credits::pages::filter::{CreditFilter, PAGE};
use crate::credits::reference::Origin;
use crate::error::AppError;
use crate::paging::Part;
use crate::time::{Timestamp, When};
use crate::web::{FieldErrors, Layout, PageContext, Query, Section};

/// What ends so soon is told beside the balance.
const SOON: Duration = Duration::days(90);
/// How many ends are told.
const TOLD: usize = 4;

/// What a row did.
pub(super) fn what(entry: &Entry) -> &'static str {
    match (entry.kind, entry.source) {
        (Kind::Grant, Some(Source::Voucher)) => "Voucher redeemed",
        (Kind::Grant, Some(Source::Purchase)) => "Purchased",
        (Kind::Grant, Some(Source::Plan)) => "Included in a plan",
        (Kind::Grant, Some(Source::Operator) | None) => "Granted",
        (Kind::Spend, _) => "Spent",
        (Kind::Reversal, _) if entry.amount > 0 => "Given back",
        (Kind::Reversal, _) => "Taken back",
        (Kind::Expiry, _) => "Expired",
    }
}

/// A row as the page shows it.
struct LedgerRow {
    at: When,
    what: &'static str,
    note: String,
    who: String,
    /// What somebody chose, or what came of that: an id says nothing.
    reference: Option<String>,
    /// What brought them, instead: where it is shown, and what it is.
    origin: Option<(String, &'static str)>,
    amount: String,
    is_gain: bool,
    balance: String,
}

impl LedgerRow {
    fn new(layout: &Layout, scope: &Scope, entry: Entry) -> Self {
        let origin = origin(scope, &entry);
        Self {
            at: layout.when(entry.at),
            what: what(&entry),
            amount: signed(entry.amount),
            is_gain: entry.amount > 0,
            balance: grouped(entry.balance_after),
            reference: Some(entry.reference).filter(|reference| origin.is_none() && reference != entry.id.as_str()),
            origin,
            note: entry.note,
            who: entry.actor_name,
        }
    }
}

/// The order or the licence that credits came with, for those who may see it.
fn origin(scope: &Scope, entry: &Entry) -> Option<(String, &'static str)> {
    let (path, label, permission) = match Origin::of(&entry.reference)? {
        Origin::Order(id) => (format!("/plans/orders/{id}"), "Order", Permission::ViewOrders),
        Origin::Licence(id) => (format!("/plans/{id}"), "Licence", Permission::ViewLicences),
    };
    scope.may(permission).then(|| (scope.path(&path), label))
}

/// The ledger narrowed to one kind of row.
struct Tab {
    label: &'static str,
    href: String,
    is_current: bool,
}

/// Credits that end soon.
struct Ending {
    credits: String,
    /// The last day on which they can be spent.
    last_day: When,
}

#[derive(Template)]
#[template(path = "credits/history.html")]
struct HistoryPage {
    layout: Layout,
    slug: String,
    balance: String,
    ending: Vec<Ending>,
    /// Whether more ends soon than is told.
    has_more_ending: bool,
    top_up: Option<TopUpState>,
    /// None before the first row.
    chart: Option<Chart>,
    filter: CreditFilter,
    errors: FieldErrors,
    tabs: Vec<Tab>,
    rows: Vec<LedgerRow>,
    /// Which part of all rows is shown, where that is known: `1–50 of 1,234`.
    shown: Option<String>,
    newer: Option<String>,
    older: Option<String>,
    export_url: String,
    can_buy: bool,
    /// Whether anybody takes payments here.
    can_pay: bool,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<CreditFilter>) -> Result<HttpResponse, AppError> {
    let Query(filter) = query;
    let filter = CreditFilter { zone: context.reading().calendar.zone, ..filter };
    let errors = filter.errors();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let can_pay = context.app.payments.is_some();
    context
        .show_as(status, move |connection, layout| {
            let (organization, now) = (scope.organization_id(), layout.now());
            let overview = history::overview(connection, organization, now, now + SOON)?;
            let place = filter.place();
            let found = history::read(connection, &filter.range(&scope, place, PAGE + 1))?;
            let chart = match overview.first_at {
                Some(first) => {
                    let reading = layout.reading;
                    let frame = Span::of(first, reading).frame(reading);
                    let balances = balances::before(connection, organization, &frame.moments)?;
                    Some(Chart::new(&frame, reading, &balances, overview.balance))
                }
                None => None,
            };
            let part = Part::new(found, &place, PAGE);
            let page = page(layout, &scope, filter, errors, overview, chart, part);
            Ok(HistoryPage { can_pay, ..page })
        })
        .await
}

/// The last day of credits. Those that end within a day of UTC can be spent on that day, so it is told.
fn last_day(layout: &Layout, end: Timestamp) -> When {
    let is_midnight = end.to_utc().time() == NaiveTime::MIN;
    if is_midnight { layout.last_day(end) } else { layout.when(end - Duration::microseconds(1)) }
}

fn page(
    layout: Layout,
    scope: &Scope,
    filter: CreditFilter,
    errors: FieldErrors,
    overview: Overview,
    chart: Option<Chart>,
    part: Part<Entry>,
) -> HistoryPage {
    let entries = overview.entries;
    let first = part.rows.first().filter(|_| part.has_previous).map(|entry| entry.number);
    let last = part.rows.last().filter(|_| part.has_next).map(|entry| entry.number);
    let has_room_before = |number: i64| filter.is_narrowed() || entries - number > PAGE as i64;
    let newer = first.map(|number| match has_room_before(number) {
        true => filter.newer(number).page(scope),
        // The page before is the first, however many rows are new meanwhile.
        false => filter.beginning().page(scope),
    });
    let mut ending = overview.ending;
    let has_more_ending = ending.len() > TOLD;
    ending.truncate(TOLD);
    let told = |(end, credits)| Ending { credits: counted(credits), last_day: last_day(&layout, end) };
    HistoryPage {
        slug: scope.slug().to_owned(),
        balance: grouped(overview.balance),
        ending: ending.into_iter().map(told).collect(),
        has_more_ending,
        top_up: overview.top_up,
        chart,
        errors,
        tabs: tabs(scope, &filter),
        shown: shown(&filter, &part.rows, entries),
        newer,
        older: last.map(|number| filter.older(number).page(scope)),
        rows: part.rows.into_iter().map(|entry| LedgerRow::new(&layout, scope, entry)).collect(),
        can_buy: scope.may(Permission::Purchase),
        can_pay: true,
        export_url: format!("{}{}", scope.path("/credits/export.csv"), filter.beginning().query()),
        filter,
        layout: layout.at(Section::Credits),
    }
}

/// Rows are numbered without gaps, so that where a page is in all of them need not be counted.
fn shown(filter: &CreditFilter, rows: &[Entry], entries: i64) -> Option<String> {
    let (first, last) = (rows.first()?, rows.last()?);
    let place = |entry: &Entry| grouped(entries - entry.number + 1);
    (!filter.is_narrowed()).then(|| format!("{}–{} of {}", place(first), place(last), grouped(entries)))
}

fn tabs(scope: &Scope, filter: &CreditFilter) -> Vec<Tab> {
    let label = |kind: Option<Kind>| match kind {
        None => "All",
        Some(Kind::Grant) => "Added",
        Some(Kind::Spend) => "Spent",
        Some(Kind::Reversal) => "Reversed",
        Some(Kind::Expiry) => "Expired",
    };
    let kinds = [None].into_iter().chain(Kind::VARIANTS.iter().copied().map(Some));
    let tab =
        |kind| Tab { label: label(kind), href: filter.with_kind(kind).page(scope), is_current: filter.kind() == kind };
    kinds.map(tab).collect()
}
