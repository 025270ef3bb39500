//! The rows: renewals, and each try of them.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{LicenceId, OrderId, OrganizationId, PaymentId, RenewalId};
use crate::licences::automatic::Problem;
use crate::schema::{renewal_tries, renewals};
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How a renewal ended.
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
    /// The last try brought nothing, either.
    GivenUp,
    /// It was not wanted any more: cancelled, suspended, or renewed by hand.
    Stopped,
}

stored_as_text!(Ending);

/// What came of a try.
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
pub enum TryOutcome {
    Paid,
    Declined,
    NoMethod,
    /// It was not wanted any more, and the provider had not begun.
    Stopped,
}

stored_as_text!(TryOutcome);

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = renewals, treat_none_as_default_value = false)]
pub struct Renewal {
    pub id: RenewalId,
    pub licence_id: LicenceId,
    pub organization_id: OrganizationId,
    /// The end of the term that it follows.
    pub term_ends_at: Timestamp,
    /// That of the last try which had something to pay with.
    pub order_id: Option<OrderId>,
    /// When the first try was, or is due: the others are reckoned from it.
    pub first_try_at: Timestamp,
    /// `None` once it has ended.
    pub next_try_at: Option<Timestamp>,
    pub problem: Option<Problem>,
    pub ended_at: Option<Timestamp>,
    pub outcome: Option<Ending>,
}

#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = renewal_tries, treat_none_as_default_value = false)]
pub struct Try {
    pub renewal_id: RenewalId,
    /// From 1 on.
    pub number: i32,
    pub tried_at: Timestamp,
    /// None where there was nothing to pay with.
    pub payment_id: Option<PaymentId>,
    /// None as long as nobody knows.
    pub outcome: Option<TryOutcome>,
    /// What the bank said.
    pub reason: String,
}

pub(super) fn find(connection: &mut Connection, id: &RenewalId) -> Result<Option<Renewal>, DbError> {
    Ok(renewals::table.find(id).select(Renewal::as_select()).first(connection).optional()?)
}

/// The renewal of a licence for the term after this end.
pub fn of_term(
    connection: &mut Connection,
    licence: &LicenceId,
    term_ends_at: Timestamp,
) -> Result<Option<Renewal>, DbError> {
    let row = renewals::table
        .filter(renewals::licence_id.eq(licence))
        .filter(renewals::term_ends_at.eq(term_ends_at))
        .select(Renewal::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}

/// The last try.
pub fn last_try(connection: &mut Connection, renewal: &RenewalId) -> Result<Option<Try>, DbError> {
    let row = renewal_tries::table
        .filter(renewal_tries::renewal_id.eq(renewal))
        .order(renewal_tries::number.desc())
        .select(Try::as_select())
        .first(connection)
        .optional()?;
    Ok(row)
}

/// The renewal that a payment is a try of, with its number. The renewal is not locked.
pub(super) fn of_payment(
    connection: &mut Connection,
    payment: &PaymentId,
) -> Result<Option<(RenewalId, i32)>, DbError> {
    let row = renewal_tries::table
        .filter(renewal_tries::payment_id.eq(payment))
        .select((renewal_tries::renewal_id, renewal_tries::number))
        .first(connection)
        .optional()?;
    Ok(row)
}

/// Says what came of a try.
pub(super) fn end_try(
    tx: &mut WriteTx,
    renewal: &RenewalId,
    number: i32,
    outcome: TryOutcome,
    reason: &str,
) -> Result<(), DbError> {
    diesel::update(renewal_tries::table.find((renewal, number)))
        .set((renewal_tries::outcome.eq(outcome), renewal_tries::reason.eq(reason)))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends a renewal. `problem` stays where somebody should see to it.
pub(super) fn end(tx: &mut WriteTx, id: &RenewalId, ending: Ending, problem: Option<Problem>) -> Result<(), DbError> {
    diesel::update(renewals::table.find(id))
        .set((
            renewals::next_try_at.eq(None::<Timestamp>),
            renewals::problem.eq(problem),
            renewals::ended_at.eq(tx.now),
            renewals::outcome.eq(ending),
        ))
        .execute(tx.connection)?;
    Ok(())
}
