//! How an Organization wants its credits topped up: which package, at which balance, and how much a month at the most.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::money::{Currency, Money};
use crate::schema::top_up_settings;
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// Why the portal switched it off, by the key that is stored.
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
pub enum Stopped {
    /// Three charges in a row.
    Declined,
    /// The package is not sold any more.
    NotSold,
    /// The Organization pays in another currency than the cap is in.
    Currency,
    /// There is nothing to pay with.
    NoMethod,
}

stored_as_text!(Stopped);

/// Why the next top-up waits.
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
pub enum Held {
    /// The last charge was: a bank is not asked again for an hour.
    Declined,
    /// One more would be above the cap of this month.
    Cap,
}

stored_as_text!(Held);

/// What an Owner has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The key of a package of the catalogue.
    pub package: String,
    pub threshold: i64,
    /// With tax.
    pub monthly_cap: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = top_up_settings, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Settings {
    pub organization_id: OrganizationId,
    pub package: String,
    pub threshold: i64,
    /// In minor units of the currency.
    monthly_cap: i64,
    currency: Currency,
    /// None while it is off.
    pub switched_on_at: Option<Timestamp>,
    pub stopped: Option<Stopped>,
    /// How many charges in a row were declined.
    pub declines: i32,
    pub held: Option<Held>,
    pub held_until: Option<Timestamp>,
    pub updated_at: Timestamp,
}

impl Settings {
    /// Those of an Organization that switches it on.
    pub(super) fn switched_on(tx: &WriteTx, organization: &OrganizationId, choice: &Choice) -> Self {
        Self {
            organization_id: organization.clone(),
            package: choice.package.clone(),
            threshold: choice.threshold,
            monthly_cap: choice.monthly_cap.minor,
            currency: choice.monthly_cap.currency,
            switched_on_at: Some(tx.now),
            stopped: None,
            declines: 0,
            held: None,
            held_until: None,
            updated_at: tx.now,
        }
    }

    pub fn is_on(&self) -> bool {
        self.switched_on_at.is_some()
    }

    pub fn monthly_cap(&self) -> Money {
        Money { minor: self.monthly_cap, currency: self.currency }
    }

    /// What an Owner chose before.
    pub(super) fn choice(&self) -> Choice {
        Choice { package: self.package.clone(), threshold: self.threshold, monthly_cap: self.monthly_cap() }
    }

    pub(super) fn hold(&mut self, why: Held, until: Timestamp) {
        (self.held, self.held_until) = (Some(why), Some(until));
    }

    pub(super) fn let_go(&mut self) {
        (self.held, self.held_until) = (None, None);
    }

    pub(super) fn switch_off(&mut self, tx: &WriteTx, why: Option<Stopped>) {
        (self.switched_on_at, self.stopped, self.updated_at) = (None, why, tx.now);
        self.declines = 0;
        self.let_go();
    }
}

pub fn read(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Settings>, DbError> {
    Ok(top_up_settings::table.find(organization).select(Settings::as_select()).first(connection).optional()?)
}

/// Stores them. The Organization is locked.
pub(super) fn store(tx: &mut WriteTx, settings: &Settings) -> Result<(), DbError> {
    let row = top_up_settings::table.find(&settings.organization_id);
    if diesel::update(row).set(settings).execute(tx.connection)? == 0 {
        diesel::insert_into(top_up_settings::table).values(settings).execute(tx.connection)?;
    }
    Ok(())
}
