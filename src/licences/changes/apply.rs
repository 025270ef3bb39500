//! Giving a licence what its next term has.

use diesel::prelude::*;
use serde_json::json;

use crate::access::Actor;
use crate::audit::{Action, By};
use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::licences::licence::{self, Licence};
use crate::licences::seats;
use crate::names::full_name;
use crate::schema::{licence_seats, licences, users};

/// The same where its moment has come: the term that brings it was paid, and has begun. The licence is locked.
pub(in crate::licences) fn what_is_due(tx: &mut WriteTx, licence: Licence) -> Result<Licence, DbError> {
    if licence.next_at.is_none_or(|next_at| tx.now < next_at) {
        return Ok(licence);
    }
    let organization = licence.organization_id.clone();
    next(tx, By::outside(Actor::Job, &organization), &licence)
}

/// Gives it now what its next term has. Where more people have a seat than there are then, those who took theirs last lose it.
pub(in crate::licences) fn next(tx: &mut WriteTx, by: By<'_>, licence: &Licence) -> Result<Licence, DbError> {
    let next = licence.next_term();
    let price = next.unit_price;
    diesel::update(licences::table.filter(licences::id.eq(&licence.id)))
        .set((
            licences::plan_key.eq(&next.plan_key),
            licences::plan.eq(&next.plan),
            licences::term.eq(next.term),
            licences::quantity.eq(next.quantity),
            licences::seats.eq(next.seats),
            licences::includes.eq(&next.includes),
            licences::unit_price.eq(price.map(|price| price.minor)),
            licences::currency.eq(price.map(|price| price.currency)),
            licences::credits.eq(next.credits),
            licences::next_quantity.eq(None::<i32>),
            licences::next_plan.eq(None::<String>),
            licences::next_at.eq(None::<crate::time::Timestamp>),
            licences::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    if licence.next_plan.is_some() {
        let sides = [json!({ "plan": licence.plan }), json!({ "plan": next.plan })];
        seats::record(tx, by, licence, Action::LicencePlanChanged, sides)?;
    }
    if licence.seats != next.seats {
        let sides = [json!({ "seats": licence.seats }), json!({ "seats": next.seats })];
        seats::record(tx, by, licence, Action::LicenceSeatsChanged, sides)?;
    }
    release_beyond(tx, by, licence, next.seats)?;
    licence::of_any(tx.connection, &licence.id)?.ok_or_else(|| DbError::Unexpected(format!("{} is gone", licence.id)))
}

fn release_beyond(tx: &mut WriteTx, by: By<'_>, licence: &Licence, there_are: i32) -> Result<(), DbError> {
    let beyond = seats::used(tx.connection, &licence.id)? - i64::from(there_are);
    // Where none is needed, nobody has one.
    if beyond <= 0 {
        return Ok(());
    }
    let newest: Vec<(UserId, String, String)> = licence_seats::table
        .inner_join(users::table)
        .filter(licence_seats::licence_id.eq(&licence.id))
        .order(licence_seats::id.desc())
        .limit(beyond)
        .select((users::id, users::first_name, users::last_name))
        .load(tx.connection)?;
    for (user, first, last) in newest {
        seats::give_up(tx, by, licence, &user, &full_name(&first, &last))?;
    }
    Ok(())
}
