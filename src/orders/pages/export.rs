//! `/organizations/{slug}/plans/orders/export.csv`: the list of orders as a file.

use actix_web::{HttpRequest, HttpResponse};

use super::filter::OrderFilter;
use super::view;
use crate::access::{Permission, Scope, SignedIn};
use crate::billing::bill::Bill;
use crate::db::{Connection, DbError};
use crate::error::AppError;
use crate::orders::listing::{self, Listed};
use crate::paging::Place;
use crate::security::Event;
use crate::time::Timestamp;
use crate::web::{Exported, Query, export, harmless};

impl Exported for OrderFilter {
    type Row = (Listed, Bill);

    const NAME: &'static str = "orders";
    const EVENT: Event = Event::OrdersExport;
    const PERMISSION: Permission = Permission::ViewOrders;
    const HEADING: &'static [&'static str] =
        &["Order", "Placed (UTC)", "Placed by", "What", "Status", "Currency", "Net", "Tax", "Total", "Given back"];

    fn read(
        &self,
        connection: &mut Connection,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
        _: Timestamp,
    ) -> Result<Vec<(Listed, Bill)>, DbError> {
        let place = after.and_then(listing::parse).map_or(Place::Start, Place::After);
        let orders = listing::read(connection, &self.range(scope, place, limit))?;
        let with_bill = |order: Listed| {
            let bill = order.bill()?;
            Ok((order, bill))
        };
        orders.into_iter().map(with_bill).collect()
    }

    fn key((order, _): &(Listed, Bill)) -> String {
        order.standing().to_string()
    }

    fn cells((row, bill): &(Listed, Bill)) -> Vec<String> {
        let amount = |minor| bill.money(minor).digits();
        vec![
            row.number.clone(),
            row.placed_at.minutes(),
            harmless(&row.by),
            harmless(&row.item.to_string()),
            view::status(row.status, bill.total, row.refunded).0.to_owned(),
            bill.currency.code().to_owned(),
            amount(bill.net),
            amount(bill.tax),
            amount(bill.total),
            amount(row.refunded),
        ]
    }
}

pub async fn download(
    request: HttpRequest,
    scope: Scope,
    signed_in: SignedIn,
    query: Query<OrderFilter>,
) -> Result<HttpResponse, AppError> {
    let filter = OrderFilter { zone: signed_in.calendar.zone, ..query.0 };
    export(&request, scope, signed_in, filter).await
}
