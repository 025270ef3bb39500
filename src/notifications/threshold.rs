//! Below how many credits people hear of it.

use diesel::prelude::*;
use serde_json::json;

use crate::access::{Permission, Scope};
use crate::audit::{Action, By, Change};
use crate::credits::low_balance;
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::schema::credit_wallets;

/// The balance of an Organization, and what it calls low.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threshold {
    pub balance: i64,
    pub below: Option<i64>,
}

/// One statement.
pub fn read(connection: &mut Connection, organization: &OrganizationId) -> Result<Threshold, DbError> {
    let wallet = credit_wallets::table.filter(credit_wallets::organization_id.eq(organization));
    let found: Option<(i64, Option<i64>)> =
        wallet.select((credit_wallets::balance, credit_wallets::low_below)).first(connection).optional()?;
    Ok(found.map_or_else(Threshold::default, |(balance, below)| Threshold { balance, below }))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    Saved,
    Unchanged,
    NotAllowed,
}

/// Says below how many credits the balance is low; none, where nobody is to hear of it.
pub fn set(tx: &mut WriteTx, scope: &Scope, below: Option<i64>) -> Result<Set, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManageNotifications)? else { return Ok(Set::NotAllowed) };
    let organization = scope.organization_id();
    if read(tx.connection, organization)?.below == below {
        return Ok(Set::Unchanged);
    }
    let before = low_balance::set(tx, organization, below)?;
    let change = Change {
        action: Action::LowBalanceChanged,
        subject_id: organization.as_str(),
        subject_name: &scope.membership.name,
        before: json!({ "below": before }),
        after: json!({ "below": below }),
    };
    tx.record(By::member(&scope), change)?;
    Ok(Set::Saved)
}
