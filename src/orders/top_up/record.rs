//! The rows: each top-up that was begun.

use chrono::Datelike;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{OrderId, OrganizationId, TopUpId};
use crate::money::{Currency, Money};
use crate::schema::top_ups;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How many the page shows.
const SHOWN: i64 = 10;

/// How a top-up ended, by the key that is stored.
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
)]
#[diesel(sql_type = diesel::sql_types::Text)]
#[strum(serialize_all = "snake_case")]
pub enum Ending {
    Paid,
    Declined,
    /// The provider had not begun when it was not wanted any more.
    Stopped,
}

stored_as_text!(Ending);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = top_ups, treat_none_as_default_value = false)]
pub struct TopUp {
    pub id: TopUpId,
    pub organization_id: OrganizationId,
    pub order_id: OrderId,
    pub credits: i64,
    /// With tax, in minor units of the currency.
    pub amount: i64,
    currency: Currency,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<Ending>,
    /// What the bank said.
    pub reason: String,
}

impl TopUp {
    /// What it costs, with tax.
    pub fn total(&self) -> Money {
        Money { minor: self.amount, currency: self.currency }
    }
}

/// The first moment of a month in UTC, and that of the one after it.
pub fn month_of(now: Timestamp) -> (Timestamp, Timestamp) {
    let day = now.day();
    let first = day.with_day(1).unwrap_or(day);
    let begins = |day: chrono::NaiveDate| Timestamp::from(day.and_time(chrono::NaiveTime::MIN));
    (begins(first), begins(first + chrono::Months::new(1)))
}

/// What was charged, or is being charged, in the month of this moment, in minor units.
pub fn charged_in_month(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<i64, DbError> {
    let (from, until) = month_of(now);
    let amounts: Vec<i64> = top_ups::table
        .filter(top_ups::organization_id.eq(organization))
        .filter(top_ups::began_at.ge(from))
        .filter(top_ups::began_at.lt(until))
        .filter(top_ups::outcome.is_null().or(top_ups::outcome.eq(Ending::Paid)))
        .select(top_ups::amount)
        .load(connection)?;
    Ok(amounts.into_iter().sum())
}

/// The one that nobody knows the end of yet.
pub fn in_flight(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<TopUp>, DbError> {
    let row = top_ups::table
        .filter(top_ups::organization_id.eq(organization))
        .filter(top_ups::ended_at.is_null())
        .select(TopUp::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}

/// The last ones, the newest first. One statement.
pub fn latest(connection: &mut Connection, organization: &OrganizationId) -> Result<Vec<TopUp>, DbError> {
    let rows = top_ups::table
        .filter(top_ups::organization_id.eq(organization))
        .order(top_ups::began_at.desc())
        .limit(SHOWN)
        .select(TopUp::as_select())
        .load(connection)?;
    Ok(rows)
}

/// Notes that one has begun. The Organization is locked; the database refuses a second one.
pub(super) fn begin(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    order: &OrderId,
    credits: i64,
    total: Money,
) -> Result<(), DbError> {
    let row = TopUp {
        id: TopUpId::new(tx.now),
        organization_id: organization.clone(),
        order_id: order.clone(),
        credits,
        amount: total.minor,
        currency: total.currency,
        began_at: tx.now,
        ended_at: None,
        outcome: None,
        reason: String::new(),
    };
    diesel::insert_into(top_ups::table).values(row).execute(tx.connection)?;
    Ok(())
}

/// Ends the one of an order. False where it had ended, or where the order is of another kind.
pub(super) fn end(tx: &mut WriteTx, order: &OrderId, ending: Ending, reason: &str) -> Result<bool, DbError> {
    let open = top_ups::table.filter(top_ups::order_id.eq(order)).filter(top_ups::ended_at.is_null());
    let ended = diesel::update(open)
        .set((top_ups::ended_at.eq(tx.now), top_ups::outcome.eq(ending), top_ups::reason.eq(reason)))
        .execute(tx.connection)?;
    Ok(ended > 0)
}
