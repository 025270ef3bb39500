//! The orders of an Organization, newest first, as their list and its file show them.

use diesel::prelude::*;

use super::order::{Order, Row, Status};
use crate::db::{Connection, DbError};
use crate::ids::{OrderId, OrganizationId};
use crate::paging::Place;
use crate::schema::orders;

/// What of them is read.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    pub status: Option<Status>,
    pub place: Place<OrderId>,
    pub limit: usize,
}

/// Up to `limit` orders, newest first: ids sort by time. One statement.
pub fn read(connection: &mut Connection, range: Range<'_>) -> Result<Vec<Order>, DbError> {
    let mut query = orders::table
        .filter(orders::organization_id.eq(range.organization))
        .limit(range.limit as i64)
        .select(Row::as_select())
        .into_boxed();
    if let Some(status) = range.status {
        query = query.filter(orders::status.eq(status));
    }
    let is_backwards = matches!(range.place, Place::Before(_));
    query = match range.place {
        Place::Start => query.order(orders::id.desc()),
        Place::After(id) => query.filter(orders::id.lt(id)).order(orders::id.desc()),
        Place::Before(id) => query.filter(orders::id.gt(id)).order(orders::id.asc()),
    };
    let mut rows: Vec<Row> = query.load(connection)?;
    if is_backwards {
        rows.reverse();
    }
    rows.into_iter().map(Order::try_from).collect()
}
