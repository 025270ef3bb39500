//! More of a plan, at once.

use diesel::prelude::*;
use serde_json::json;

use crate::audit::{Action, By};
use crate::billing::bill::Line;
use crate::db::{DbError, WriteTx};
use crate::ids::{LicenceId, OrganizationId};
use crate::licences::changes::state::{MOST, Refusal, State, basis, locked};
use crate::licences::licence::Licence;
use crate::licences::{credits, seats};
use crate::schema::licences;
use crate::time::Timestamp;

/// What more of a plan costs, and what it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub line: Line,
    /// How many credits come with it now.
    pub credits: u32,
    /// How many seats there will be.
    pub seats: i32,
}

/// What `more` cost for what is left of what is paid.
pub fn quote(licence: &Licence, more: u32, now: Timestamp) -> Result<Quote, Refusal> {
    let basis = basis(licence, now)?;
    if !licence.has_seats() {
        return Err(Refusal::WithoutSeats);
    }
    let added = i32::try_from(more).ok().filter(|more| more.saturating_add(licence.quantity) <= MOST);
    let added = added.ok_or(Refusal::TooMany)?;
    let description = format!("{}, {}: more seats", licence.product, licence.plan);
    let credits = basis.share.part_of(i64::from(licence.credits_each()) * i64::from(added));
    Ok(Quote {
        line: basis.share.line(description, more, basis.unit_price),
        credits: credits.try_into().unwrap_or(0),
        seats: licence.seats + added * licence.seats_each(),
    })
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raise {
    Raised {
        seats: i32,
    },
    /// It is not any more what this was paid for. Nothing was changed.
    Stale,
}

/// Adds what was paid for. Fewer, where that was asked for with the next term, are not asked for any more. The Organization is
/// locked.
pub fn raise(
    tx: &mut WriteTx,
    by: By<'_>,
    organization: &OrganizationId,
    id: &LicenceId,
    more: u32,
    made_for: &State,
) -> Result<Raise, DbError> {
    let Some(licence) = locked(tx, organization, id)? else { return Ok(Raise::Stale) };
    // What it costs was said when it was ordered, so that a day more or less does not matter.
    let Ok(quote) = quote(&licence, more, tx.now) else { return Ok(Raise::Stale) };
    if State::of(&licence) != *made_for {
        return Ok(Raise::Stale);
    }
    let quantity = licence.quantity + i32::try_from(more).unwrap_or(0);
    diesel::update(licences::table.filter(licences::id.eq(id)))
        .set((
            licences::quantity.eq(quantity),
            licences::seats.eq(quote.seats),
            licences::credits.eq(licence.credits_each() * quantity),
            licences::next_quantity.eq(None::<i32>),
            licences::updated_at.eq(tx.now),
        ))
        .execute(tx.connection)?;
    let sides = [json!({ "seats": licence.seats }), json!({ "seats": quote.seats })];
    seats::record(tx, by, &licence, Action::LicenceSeatsChanged, sides)?;
    credits::give_more(tx, by, &licence, quote.credits, &quantity.to_string())?;
    Ok(Raise::Raised { seats: quote.seats })
}
