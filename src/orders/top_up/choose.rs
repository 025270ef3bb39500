//! Switching auto top-up on, setting it anew, and switching it off.

use serde_json::{Value, json};

use super::overview::{self, NotOffered};
use super::settings::{self, Choice, Settings, Stopped};
use super::{price, record};
use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::catalogue::contents::Country;
use crate::credits::top_up;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::money::Money;
use crate::orders::pricing;
use crate::organizations::organization;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchOn {
    /// Since no more credits are left than the threshold, one may have begun.
    On {
        has_begun: bool,
    },
    /// It was on like that.
    Unchanged,
    NotOffered(NotOffered),
    /// The package is not sold in the currency of the cap.
    NotSold,
    /// A month would not even hold one, which costs this with tax.
    CapTooLow {
        one: Money,
    },
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// Has credits topped up from now on. What was held back is not any more.
pub fn switch_on(tx: &mut WriteTx, scope: &Scope, choice: &Choice) -> Result<SwitchOn, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageTopUp)? else { return Ok(SwitchOn::NotAllowed) };
    let organization = scope.organization_id();
    let overview = overview::read(tx.connection, organization, tx.now)?;
    if let Some(why) = overview.not_offered() {
        return Ok(SwitchOn::NotOffered(why));
    }
    let Some((quote, _)) = price::of_package(tx.connection, organization, &choice.package)? else {
        return Ok(SwitchOn::NotSold);
    };
    let one = quote.bill.total();
    if one.currency != choice.monthly_cap.currency {
        return Ok(SwitchOn::NotSold);
    }
    if one.minor > choice.monthly_cap.minor {
        return Ok(SwitchOn::CapTooLow { one });
    }
    let before = overview.settings.filter(Settings::is_on).map(|settings| settings.choice());
    if before.as_ref() == Some(choice) {
        return Ok(SwitchOn::Unchanged);
    }
    let new = Settings::switched_on(tx, organization, choice);
    settings::store(tx, &new)?;
    let change = Change {
        action: Action::TopUpSwitchedOn,
        subject_id: organization.as_str(),
        subject_name: &choice.package,
        before: before.as_ref().map_or(Value::Null, of_choice),
        after: of_choice(choice),
    };
    tx.record(By::member(&scope), change)?;
    // One that is on its way sets the threshold again when it has ended.
    if record::in_flight(tx.connection, organization)?.is_some() {
        return Ok(SwitchOn::On { has_begun: false });
    }
    Ok(SwitchOn::On { has_begun: top_up::wait(tx, organization, choice.threshold)? })
}

fn of_choice(choice: &Choice) -> Value {
    json!({
        "package": choice.package,
        "threshold": choice.threshold,
        "monthly_cap": choice.monthly_cap.to_string(),
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchOff {
    /// One that the provider has been asked for comes nevertheless.
    Off {
        is_pending: bool,
    },
    Already,
    /// The role of this moment does not allow it.
    NotAllowed,
}

pub fn switch_off(tx: &mut WriteTx, scope: &Scope) -> Result<SwitchOff, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageTopUp)? else { return Ok(SwitchOff::NotAllowed) };
    off(tx, &scope, None)
}

/// The same for whoever holds the lock on the Organization, with why it was switched off.
pub(super) fn off(tx: &mut WriteTx, scope: &Scope, why: Option<Stopped>) -> Result<SwitchOff, DbError> {
    let organization = scope.organization_id();
    let Some(mut settings) = settings::read(tx.connection, organization)?.filter(Settings::is_on) else {
        return Ok(SwitchOff::Already);
    };
    let before = of_choice(&settings.choice());
    settings.switch_off(tx, why);
    settings::store(tx, &settings)?;
    top_up::wait_no_more(tx, organization)?;
    let change = Change {
        action: Action::TopUpSwitchedOff,
        subject_id: organization.as_str(),
        subject_name: &settings.package,
        before,
        after: Value::Null,
    };
    tx.record(By::member(scope), change)?;
    Ok(SwitchOff::Off { is_pending: record::in_flight(tx.connection, organization)?.is_some() })
}

/// The country of an Organization as the catalogue has it, which says in which currency it pays. `None` where nothing is for sale.
pub fn country(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<Country>, DbError> {
    let organization = organization::load(connection, organization)?;
    Ok(pricing::customer(connection, &organization)?.map(|customer| customer.country))
}
