//! The orders of an Organization, newest first, as their list and its file show them.

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;

use super::item::Kind;
use super::order::{Order, Row, Status};
use crate::db::{Connection, DbError};
use crate::ids::{OrderId, OrganizationId};
use crate::paging::{self, Place};
use crate::schema::orders;
use crate::time::Timestamp;

/// Where an order stands in the list.
pub type Standing = paging::Standing<OrderId>;

pub fn standing(order: &Order) -> Standing {
    Standing { at: order.placed_at, id: order.id.clone() }
}

/// As it is written.
pub fn parse(text: &str) -> Option<Standing> {
    Standing::parse(text, OrderId::parse)
}

/// What of them is read.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    pub status: Option<Status>,
    pub kind: Option<Kind>,
    /// In UTC.
    pub year: Option<i32>,
    pub place: Place<Standing>,
    pub limit: usize,
}

/// The first moment of a year, in UTC.
fn beginning(year: i32) -> Timestamp {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).into()
}

/// Up to `limit` orders, newest first. One statement.
pub fn read(connection: &mut Connection, range: Range<'_>) -> Result<Vec<Order>, DbError> {
    let mut query = orders::table
        .filter(orders::organization_id.eq(range.organization))
        .limit(range.limit as i64)
        .select(Row::as_select())
        .into_boxed();
    if let Some(status) = range.status {
        query = query.filter(orders::status.eq(status));
    }
    if let Some(kind) = range.kind {
        query = query.filter(orders::kind.eq(kind));
    }
    if let Some(year) = range.year {
        query = query.filter(orders::placed_at.ge(beginning(year))).filter(orders::placed_at.lt(beginning(year + 1)));
    }
    let is_backwards = matches!(range.place, Place::Before(_));
    query = match range.place {
        Place::Start => query,
        Place::After(Standing { at, id }) => {
            query.filter(orders::placed_at.le(at)).filter(orders::placed_at.lt(at).or(orders::id.lt(id)))
        }
        Place::Before(Standing { at, id }) => {
            query.filter(orders::placed_at.ge(at)).filter(orders::placed_at.gt(at).or(orders::id.gt(id)))
        }
    };
    query = match is_backwards {
        false => query.order((orders::placed_at.desc(), orders::id.desc())),
        true => query.order((orders::placed_at.asc(), orders::id.asc())),
    };
    let mut rows: Vec<Row> = query.load(connection)?;
    if is_backwards {
        rows.reverse();
    }
    rows.into_iter().map(Order::try_from).collect()
}

/// When the first order of an Organization was placed. One statement.
pub fn first_placed(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Timestamp>, DbError> {
    let own = orders::table.filter(orders::organization_id.eq(organization)).order(orders::placed_at);
    Ok(own.select(orders::placed_at).first(connection).optional()?)
}
