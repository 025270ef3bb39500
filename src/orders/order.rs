//! The row of an order, and how it is found.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use super::item::{Item, Kind};
use crate::access::{Actor, Buyer};
use crate::billing::bill::Bill;
use crate::billing::party::Party;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrderId, OrganizationId, UserId};
use crate::licences::changes::undo::Made;
use crate::money::Currency;
use crate::schema::orders;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How far an order is, by the key that is stored and that addresses carry.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    AsExpression,
    FromSqlRow,
    strum::AsRefStr,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    Pending,
    Paid,
    /// Nobody paid it.
    Ended,
}

stored_as_text!(Status);

/// The row as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = orders, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub id: OrderId,
    pub organization_id: OrganizationId,
    pub number: String,
    pub placed_by: Option<UserId>,
    pub placed_by_name: String,
    pub kind: Kind,
    pub item: String,
    pub bill: String,
    pub seller: String,
    pub buyer: String,
    pub currency: Currency,
    pub total: i64,
    pub coupon: Option<String>,
    pub order_key: String,
    pub asked_hash: String,
    pub status: Status,
    pub placed_at: Timestamp,
    pub ends_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub refunded: i64,
    pub licence_id: Option<LicenceId>,
    pub made: Option<String>,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub organization_id: OrganizationId,
    /// `O-2026-000123`
    pub number: String,
    /// Who placed it. None where the portal did.
    pub placed_by: Option<Buyer>,
    pub item: Item,
    pub bill: Bill,
    pub seller: Party,
    pub buyer: Party,
    pub coupon: Option<String>,
    pub status: Status,
    pub placed_at: Timestamp,
    /// The first moment at which it is ended where nobody paid it.
    pub ends_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    /// Also of one that was paid after it had ended.
    pub ended_at: Option<Timestamp>,
    /// How much of the total was given back.
    pub refunded: i64,
    /// The licence that came of it, or that it changed.
    pub licence_id: Option<LicenceId>,
    /// What it made of that licence.
    pub made: Option<Made>,
}

impl Order {
    /// Whether the portal placed it: it is charged, and ended, without anybody.
    pub fn is_of_portal(&self) -> bool {
        self.placed_by.is_none()
    }

    /// For whom something is done about it while they are not there.
    pub fn actor(&self) -> Actor<'_> {
        self.placed_by.as_ref().map_or(Actor::Job, Actor::Buyer)
    }
}

fn unreadable<'a>(what: &'a str, of: &'a OrderId) -> impl FnOnce(serde_json::Error) -> DbError + 'a {
    move |error| DbError::Unexpected(format!("the {what} of {of}: {error}"))
}

pub(super) fn load<T: DeserializeOwned>(what: &str, of: &OrderId, stored: &str) -> Result<T, DbError> {
    serde_json::from_str(stored).map_err(unreadable(what, of))
}

pub(super) fn load_item(kind: Kind, of: &OrderId, stored: &str) -> Result<Item, DbError> {
    Item::load(kind, stored).map_err(unreadable("item", of))
}

pub(super) fn stored(part: &impl serde::Serialize) -> String {
    serde_json::to_string(part).expect("orders are texts and numbers")
}

impl TryFrom<Row> for Order {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let name = row.placed_by_name;
        Ok(Self {
            item: load_item(row.kind, &row.id, &row.item)?,
            bill: load("bill", &row.id, &row.bill)?,
            seller: load("seller", &row.id, &row.seller)?,
            buyer: load("buyer", &row.id, &row.buyer)?,
            made: row.made.map(|made| load("change", &row.id, &made)).transpose()?,
            id: row.id,
            organization_id: row.organization_id,
            number: row.number,
            placed_by: row.placed_by.map(|user_id| Buyer { user_id, name }),
            coupon: row.coupon,
            status: row.status,
            placed_at: row.placed_at,
            ends_at: row.ends_at,
            paid_at: row.paid_at,
            ended_at: row.ended_at,
            refunded: row.refunded,
            licence_id: row.licence_id,
        })
    }
}

/// An order of an Organization. One statement.
pub fn find(
    connection: &mut Connection,
    organization: &OrganizationId,
    id: &OrderId,
) -> Result<Option<Order>, DbError> {
    let row = orders::table.filter(orders::id.eq(id)).filter(orders::organization_id.eq(organization));
    row.select(Row::as_select()).first(connection).optional()?.map(Order::try_from).transpose()
}

/// The same, locked until the transaction ends. The Organization is locked before it.
pub fn lock(tx: &mut WriteTx, organization: &OrganizationId, id: &OrderId) -> Result<Option<Order>, DbError> {
    tx.lock_row("orders", id.as_str())?;
    find(tx.connection, organization, id)
}

/// What an order is called.
pub fn number(connection: &mut Connection, id: &OrderId) -> Result<String, DbError> {
    Ok(orders::table.find(id).select(orders::number).first(connection)?)
}

/// An order by its number, as operators name it.
pub fn numbered(connection: &mut Connection, number: &str) -> Result<Option<Order>, DbError> {
    let row = orders::table.filter(orders::number.eq(number));
    row.select(Row::as_select()).first(connection).optional()?.map(Order::try_from).transpose()
}
