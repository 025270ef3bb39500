//! What an Organization has, for whoever is about to close it, and what keeps it open.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::credits::ended::ended_credits;
use crate::db::{Connection, DbError, on_either};
use crate::ids::{OrderId, OrganizationId};
use crate::orders::order::Status;
use crate::schema::{credit_wallets, licence_seats, licences, memberships, orders, organizations, top_up_settings};
use crate::time::Timestamp;

/// How many orders that are not paid are named.
const NAMED: i64 = 10;

/// An order that nobody has paid yet.
#[derive(Clone, Debug, Queryable)]
pub struct Unpaid {
    pub id: OrderId,
    pub number: String,
}

#[derive(Clone, Debug)]
pub struct Standing {
    pub name: String,
    pub people: i64,
    /// Licences whose end has not come.
    pub licences: i64,
    pub seats: i64,
    pub credits: i64,
    /// What keeps it open.
    pub is_topped_up: bool,
    /// The same: the first of them.
    pub unpaid: Vec<Unpaid>,
}

impl Standing {
    pub fn may_close(&self) -> bool {
        !self.is_topped_up && self.unpaid.is_empty()
    }
}

/// Two statements.
pub fn read(connection: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Standing, DbError> {
    let people =
        memberships::table.filter(memberships::organization_id.eq(organization)).select(count_star()).single_value();
    let current = licences::table
        .filter(licences::organization_id.eq(organization))
        .filter(licences::ends_at.is_null().or(licences::ends_at.gt(now)))
        .select(count_star())
        .single_value();
    let seats = licence_seats::table
        .filter(licence_seats::organization_id.eq(organization))
        .select(count_star())
        .single_value();
    let ended = ended_credits!(organization, now).single_value();
    let query = organizations::table
        .left_join(credit_wallets::table)
        .left_join(top_up_settings::table)
        .filter(organizations::id.eq(organization));
    type Row = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<Timestamp>);
    let (name, people, licences, seats, balance, ended, topped_up): Row = on_either!(connection, |connection| {
        let columns = (
            organizations::name,
            people,
            current,
            seats,
            credit_wallets::balance.nullable(),
            ended,
            top_up_settings::switched_on_at.nullable(),
        );
        query.select(columns).first(connection)
    })?;
    let unpaid = orders::table
        .filter(orders::organization_id.eq(organization))
        .filter(orders::status.eq(Status::Pending))
        .order(orders::id)
        .limit(NAMED)
        .select((orders::id, orders::number))
        .load(connection)?;
    Ok(Standing {
        name,
        people: people.unwrap_or(0),
        licences: licences.unwrap_or(0),
        seats: seats.unwrap_or(0),
        credits: balance.unwrap_or(0) - ended.unwrap_or(0),
        is_topped_up: topped_up.is_some(),
        unpaid,
    })
}
