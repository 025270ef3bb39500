//! What an Organization pays with while nobody is there: one method, as far as it may be shown, and what the provider calls it.

use chrono::{Days, Duration, Months, NaiveDate};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::customers;
use super::forget::forget_later;
use super::provider::{Method, ProviderKind, ShownMethod};
use crate::access::{Permission, Scope, lock_organization};
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::schema::payment_methods;
use crate::time::Timestamp;

/// For how long before its end people are warned.
const SOON: Duration = Duration::days(60);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_methods, treat_none_as_default_value = false)]
pub struct PaymentMethod {
    organization_id: OrganizationId,
    provider: String,
    /// What the provider calls the Organization, and the method.
    pub customer: String,
    pub method: String,
    pub brand: String,
    pub last_four: String,
    /// The last day on which it is good, where it ends.
    pub good_until: Option<NaiveDate>,
    pub kept_at: Timestamp,
    /// The name of whoever kept it.
    pub kept_by: String,
}

impl PaymentMethod {
    /// `Visa ending in 4242`
    pub fn words(&self) -> String {
        let (brand, last_four) = (self.brand.clone(), self.last_four.clone());
        ShownMethod { brand, last_four, expires: None }.words()
    }

    /// Whether this provider knows it: another one, which the portal had before, does not help.
    pub fn is_of(&self, provider: ProviderKind) -> bool {
        let provider: &str = provider.into();
        self.provider == provider
    }

    pub fn has_expired_at(&self, now: Timestamp) -> bool {
        self.good_until.is_some_and(|until| until < now.day())
    }

    /// Whether it ends so soon that the next renewals are in danger.
    pub fn expires_soon_at(&self, now: Timestamp) -> bool {
        !self.has_expired_at(now) && self.good_until.is_some_and(|until| until < (now + SOON).day())
    }
}

/// The last day of the month through whose end a card is good.
fn last_day((year, month): (i32, u32)) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.checked_sub_days(Days::new(1))
}

/// What an Organization pays with. One statement.
pub fn of(connection: &mut Connection, organization: &OrganizationId) -> Result<Option<PaymentMethod>, DbError> {
    let row = payment_methods::table.find(organization).select(PaymentMethod::as_select());
    Ok(row.first(connection).optional()?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    New,
    /// In the place of another one, which the provider forgets.
    Replaced,
    /// It was kept already.
    Same,
}

/// Keeps a method, in the place of the one that was there.
pub fn keep(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    provider: ProviderKind,
    method: &Method,
) -> Result<Kept, DbError> {
    lock_organization(tx, organization)?;
    customers::remember(tx, organization, provider, &method.customer)?;
    let ShownMethod { brand, last_four, expires } = &method.shown;
    let key: &str = provider.into();
    let row = PaymentMethod {
        organization_id: organization.clone(),
        provider: key.to_owned(),
        customer: method.customer.clone(),
        method: method.id.clone(),
        brand: brand.clone(),
        last_four: last_four.clone(),
        good_until: expires.and_then(last_day),
        kept_at: tx.now,
        kept_by: by.actor().name(),
    };
    let before = of(tx.connection, organization)?;
    if before.as_ref().is_some_and(|before| before.provider == key && before.method == method.id) {
        return Ok(Kept::Same);
    }
    if let Some(before) = &before {
        diesel::delete(payment_methods::table.find(organization)).execute(tx.connection)?;
        forget_later(tx, &before.provider, &before.method)?;
    }
    diesel::insert_into(payment_methods::table).values(&row).execute(tx.connection)?;
    record(tx, by, Action::PaymentMethodKept, before.as_ref(), Some(&row))?;
    Ok(if before.is_some() { Kept::Replaced } else { Kept::New })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remove {
    Removed,
    /// There is none.
    Nothing,
    /// Another one is kept by now than the one that was shown.
    Changed,
    /// The role of this moment does not allow it.
    NotAllowed,
}

/// Removes the method that somebody was shown, by what the provider calls it. A charge that is in flight is not stopped: it has its
/// own copy, and whether it was paid is known when the provider answers.
pub fn remove(tx: &mut WriteTx, scope: &Scope, shown: &str) -> Result<Remove, DbError> {
    let Some(scope) = scope.lock_for(tx, Permission::ManagePaymentMethod)? else { return Ok(Remove::NotAllowed) };
    let Some(kept) = of(tx.connection, scope.organization_id())? else { return Ok(Remove::Nothing) };
    if kept.method != shown {
        return Ok(Remove::Changed);
    }
    diesel::delete(payment_methods::table.find(scope.organization_id())).execute(tx.connection)?;
    forget_later(tx, &kept.provider, &kept.method)?;
    record(tx, By::member(&scope), Action::PaymentMethodRemoved, Some(&kept), None)?;
    Ok(Remove::Removed)
}

/// Removes what an Organization that is erased pays with.
pub fn erase(tx: &mut WriteTx, organization: &OrganizationId) -> Result<(), DbError> {
    let Some(kept) = of(tx.connection, organization)? else { return Ok(()) };
    diesel::delete(payment_methods::table.find(organization)).execute(tx.connection)?;
    forget_later(tx, &kept.provider, &kept.method)
}

fn record(
    tx: &mut WriteTx,
    by: By<'_>,
    action: Action,
    before: Option<&PaymentMethod>,
    after: Option<&PaymentMethod>,
) -> Result<(), DbError> {
    let said = |method: Option<&PaymentMethod>| {
        method.map_or(Value::Null, |method| {
            json!({
                "brand": method.brand,
                "last_four": method.last_four,
                "good_until": method.good_until.map(|day| day.to_string()),
            })
        })
    };
    let name = after.or(before).map(PaymentMethod::words).unwrap_or_default();
    let change = Change { action, subject_id: "", subject_name: &name, before: said(before), after: said(after) };
    tx.record(by, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_good_through_the_last_day_of_its_month() {
        for (expires, day) in [((2028, 2), "2028-02-29"), ((2027, 2), "2027-02-28"), ((2029, 12), "2029-12-31")] {
            assert_eq!(last_day(expires).map(|day| day.to_string()).as_deref(), Some(day));
        }
        assert_eq!(last_day((2029, 13)), None);
    }
}
