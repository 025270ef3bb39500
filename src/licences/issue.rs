//! Giving an Organization a licence.

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::audit::{Action, By, Change};
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::credits;
use crate::licences::terms::{Term, day_of_month};
use crate::money::{Currency, Money};
use crate::schema::licences;
use crate::time::Timestamp;

/// What is given. All of it is copied into the licence.
#[derive(Clone, Debug)]
pub struct Given {
    pub product: String,
    pub plan: String,
    pub term: Term,
    /// None, where whoever may use it needs no seat.
    pub seats: u16,
    /// What belongs to it, in words.
    pub includes: Vec<String>,
    /// Until when Support & Upgrade goes; the first moment after it, see [`Term::end`].
    pub support_until: Option<Timestamp>,
    /// What it was sold as. None where nobody paid for it.
    pub sold: Option<Sold>,
}

/// What a licence was sold as, so that renewals and changes know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    pub product_key: String,
    pub plan_key: String,
    /// How many of the plan.
    pub quantity: u32,
    /// Of one for a term, without tax.
    pub unit_price: Money,
    /// How many come with each term of all of them.
    pub credits: u32,
}

#[derive(Insertable)]
#[diesel(table_name = licences, treat_none_as_default_value = false)]
struct Row<'a> {
    id: &'a LicenceId,
    organization_id: &'a OrganizationId,
    product: &'a str,
    plan: &'a str,
    term: Term,
    seats: i32,
    includes: String,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    renewal_day: i32,
    support_until: Option<Timestamp>,
    updated_at: Timestamp,
    product_key: Option<&'a str>,
    plan_key: Option<&'a str>,
    quantity: i32,
    unit_price: Option<i64>,
    currency: Option<Currency>,
    credits: i32,
}

/// Gives an Organization a licence that starts now. The caller has decided that it may be given, and holds the lock on the
/// Organization.
pub fn issue(tx: &mut WriteTx, by: By<'_>, organization: &OrganizationId, given: &Given) -> Result<LicenceId, DbError> {
    let (id, now) = (LicenceId::new(tx.now), tx.now);
    let sold = given.sold.as_ref();
    let row = Row {
        id: &id,
        organization_id: organization,
        product: &given.product,
        plan: &given.plan,
        term: given.term,
        seats: given.seats.into(),
        includes: given.includes.join("\n"),
        starts_at: now,
        ends_at: given.term.end(now),
        renewal_day: day_of_month(now.day()).cast_signed(),
        support_until: given.support_until,
        updated_at: now,
        product_key: sold.map(|sold| sold.product_key.as_str()),
        plan_key: sold.map(|sold| sold.plan_key.as_str()),
        quantity: sold.map_or(1, |sold| sold.quantity.cast_signed()),
        unit_price: sold.map(|sold| sold.unit_price.minor),
        currency: sold.map(|sold| sold.unit_price.currency),
        credits: sold.map_or(0, |sold| sold.credits.cast_signed()),
    };
    let ends_at = row.ends_at;
    diesel::insert_into(licences::table).values(row).execute(tx.connection)?;
    let after = json!({
        "plan": given.plan,
        "term": given.term.key(),
        "seats": given.seats,
        "ends_at": ends_at.map(|at| at.to_string()),
    });
    let change = Change {
        action: Action::LicenceIssued,
        subject_id: id.as_str(),
        subject_name: &given.product,
        before: Value::Null,
        after,
    };
    tx.record(by, change)?;
    credits::give(tx, by, organization, &id, sold.map_or(0, |sold| sold.credits), ends_at)?;
    Ok(id)
}
