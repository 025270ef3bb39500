//! The orders of an Organization, newest first, as their list and its file show them.

use diesel::prelude::*;

use super::item::{Item, Kind};
use super::order::{Status, load};
use crate::access::{Actor, Buyer};
use crate::billing::bill::Bill;
use crate::db::{Connection, DbError};
use crate::ids::{OrderId, OrganizationId, UserId};
use crate::paging::{self, Place};
use crate::schema::orders;
use crate::time::Timestamp;

/// Where an order stands in the list.
pub type Standing = paging::Standing<OrderId>;

/// What a list says of an order: less than all of it, since seller and buyer are read from texts of their own.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: OrderId,
    pub number: String,
    /// Who placed it.
    pub by: String,
    pub item: Item,
    pub bill: Bill,
    pub status: Status,
    pub placed_at: Timestamp,
    pub refunded: i64,
}

impl Listed {
    pub fn standing(&self) -> Standing {
        Standing { at: self.placed_at, id: self.id.clone() }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders)]
struct Row {
    id: OrderId,
    number: String,
    placed_by: Option<UserId>,
    placed_by_name: String,
    item: String,
    bill: String,
    status: Status,
    placed_at: Timestamp,
    refunded: i64,
}

impl TryFrom<Row> for Listed {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let buyer = row.placed_by.map(|user_id| Buyer { user_id, name: row.placed_by_name });
        Ok(Self {
            item: load("item", &row.id, &row.item)?,
            bill: load("bill", &row.id, &row.bill)?,
            id: row.id,
            number: row.number,
            by: buyer.as_ref().map_or(Actor::Job, Actor::Buyer).name(),
            status: row.status,
            placed_at: row.placed_at,
            refunded: row.refunded,
        })
    }
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
    /// From then on, and before then.
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub place: Place<Standing>,
    pub limit: usize,
}

/// Up to `limit` orders, newest first. One statement.
pub fn read(connection: &mut Connection, range: Range<'_>) -> Result<Vec<Listed>, DbError> {
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
    if let Some(from) = range.from {
        query = query.filter(orders::placed_at.ge(from));
    }
    if let Some(until) = range.until {
        query = query.filter(orders::placed_at.lt(until));
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
    rows.into_iter().map(Listed::try_from).collect()
}

/// When the first order of an Organization was placed. One statement.
pub fn first_placed(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Timestamp>, DbError> {
    let own = orders::table.filter(orders::organization_id.eq(organization)).order(orders::placed_at);
    Ok(own.select(orders::placed_at).first(connection).optional()?)
}
