//! All that the page of auto top-up and the decision to switch it on need to know.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::record::{Ending, month_of};
use super::settings::Settings;
use crate::db::{Connection, DbError, on_either, whole_sum};
use crate::ids::OrganizationId;
use crate::orders::order::Status;
use crate::payments::methods::PaymentMethod;
use crate::schema::{credit_wallets, orders, organizations, payment_methods, top_up_settings, top_ups};
use crate::time::Timestamp;

#[derive(Clone, Debug)]
pub struct Overview {
    pub settings: Option<Settings>,
    /// What it is charged to.
    pub method: Option<PaymentMethod>,
    /// What was charged in this month, or is being charged, in minor units.
    pub charged: i64,
    pub balance: i64,
    /// Whether an order of the Organization was ever paid.
    pub has_bought: bool,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// Why auto top-up is not offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOffered {
    NothingBought,
    NoMethod,
}

impl NotOffered {
    pub fn is_nothing_bought(self) -> bool {
        self == Self::NothingBought
    }
}

impl Overview {
    /// It is offered from the first purchase on, where there is something to charge.
    pub fn not_offered(&self) -> Option<NotOffered> {
        match (self.has_bought, &self.method) {
            (false, _) => Some(NotOffered::NothingBought),
            (true, None) => Some(NotOffered::NoMethod),
            (true, Some(_)) => None,
        }
    }
}

/// One statement.
pub fn read(connection: &mut Connection, organization: &OrganizationId, now: Timestamp) -> Result<Overview, DbError> {
    let (from, until) = month_of(now);
    let charged = top_ups::table
        .filter(top_ups::organization_id.eq(organizations::id))
        .filter(top_ups::began_at.ge(from))
        .filter(top_ups::began_at.lt(until))
        .filter(top_ups::outcome.is_null().or(top_ups::outcome.eq(Ending::Paid)))
        .select(whole_sum(top_ups::amount))
        .single_value();
    let paid = orders::table
        .filter(orders::organization_id.eq(organizations::id))
        .filter(orders::status.eq(Status::Paid))
        .select(orders::id);
    let query = organizations::table
        .left_join(top_up_settings::table)
        .left_join(payment_methods::table.on(payment_methods::organization_id.eq(organizations::id)))
        .left_join(credit_wallets::table)
        .filter(organizations::id.eq(organization));
    type Row = (Option<Settings>, Option<PaymentMethod>, Option<i64>, Option<i64>, bool, String);
    let (settings, method, charged, balance, has_bought, country): Row = on_either!(connection, |connection| {
        let columns = (
            Option::<Settings>::as_select(),
            Option::<PaymentMethod>::as_select(),
            charged,
            credit_wallets::balance.nullable(),
            exists(paid),
            organizations::country,
        );
        query.select(columns).first(connection)
    })?;
    let (charged, balance) = (charged.unwrap_or(0), balance.unwrap_or(0));
    Ok(Overview { settings, method, charged, balance, has_bought, country })
}
