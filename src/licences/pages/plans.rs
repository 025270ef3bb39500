//! `/organizations/{slug}/plans`: "My Plans".

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use crate::access::{Permission, Scope};
use crate::error::AppError;
use crate::licences::listing::{self, Show};
use crate::licences::pages::view::LicenceRow;
use crate::paging::Place;
use crate::web::{Cursor, Layout, PageContext, Query, Section};

/// Licences on a page.
const PAGE: usize = 20;

/// What is shown, and from where on. Unknown values mean all of them, from the first on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlansQuery {
    show: String,
    after: String,
    before: String,
}

/// The list narrowed to what needs attention.
struct Tab {
    label: &'static str,
    href: String,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "licences/plans.html")]
struct PlansPage {
    layout: Layout,
    slug: String,
    /// Without any where somebody sees only what they were given.
    tabs: Vec<Tab>,
    show: Show,
    rows: Vec<LicenceRow>,
    previous: Option<String>,
    next: Option<String>,
    sees_all: bool,
    can_redeem: bool,
    sees_orders: bool,
}

pub async fn show(context: PageContext, scope: Scope, query: Query<PlansQuery>) -> Result<HttpResponse, AppError> {
    let grace = context.app.config.licence_grace;
    let sees_all = scope.may(Permission::ViewLicences);
    let show: Show = query.0.show.parse().ok().filter(|_| sees_all).unwrap_or_default();
    context
        .show(move |connection, layout| {
            let cursors = [&query.0.after, &query.0.before].map(|cursor| Cursor::decode(cursor));
            let [after, before] = cursors.each_ref().map(|cursor| cursor.as_ref().map(Cursor::key));
            let place = Place::of(after, before);
            let part = listing::read(connection, &scope, show, place, PAGE, (layout.now(), grace))?;
            let href =
                |name: &str, key: String| format!("{}&{name}={}", list(&scope, show), Cursor::after(&key).encoded());
            Ok(PlansPage {
                slug: scope.slug().to_owned(),
                tabs: if sees_all { tabs(&scope, show) } else { Vec::new() },
                show,
                previous: part.rows.first().filter(|_| part.has_previous).map(|row| href("before", row.key(show))),
                next: part.rows.last().filter(|_| part.has_next).map(|row| href("after", row.key(show))),
                rows: part.rows.iter().map(|row| LicenceRow::new(row, &layout, grace)).collect(),
                sees_all,
                can_redeem: scope.may(Permission::RedeemVouchers),
                sees_orders: scope.may(Permission::ViewOrders),
                layout: layout.at(Section::Plans),
            })
        })
        .await
}

/// The address of the list, narrowed.
fn list(scope: &Scope, show: Show) -> String {
    format!("{}?show={}", scope.path("/plans"), show.key())
}

fn tabs(scope: &Scope, current: Show) -> Vec<Tab> {
    let tab = |(show, label)| {
        let href = if show == Show::All { scope.path("/plans") } else { list(scope, show) };
        Tab { label, href, is_current: show == current }
    };
    [(Show::All, "All"), (Show::Expiring, "Expiring soon"), (Show::InGrace, "In grace"), (Show::Suspended, "Suspended")]
        .map(tab)
        .into()
}
