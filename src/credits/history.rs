//! The ledger as it is read: a part of it at a time, newest first, and what is left.
//!
//! Rows are found by their number: a page costs the same wherever it is and however long the ledger is. Days lead to the numbers of
//! the first and the last row between them.

use diesel::prelude::*;

use crate::credits::entry::{Entry, Kind};
use crate::credits::reference;
use crate::db::{Connection, DbError, on_either, whole_sum};
use crate::ids::OrganizationId;
use crate::paging;
use crate::schema::{credit_entries, credit_grants, credit_wallets, top_up_settings};
use crate::time::Timestamp;

/// Where a page begins, or ends: behind or before the row with this number.
pub type Place = paging::Place<i64>;

/// What is read of a ledger.
pub struct Range<'a> {
    pub organization: &'a OrganizationId,
    pub kind: Option<Kind>,
    /// Rows from this moment on.
    pub from: Option<Timestamp>,
    /// Rows before this moment.
    pub until: Option<Timestamp>,
    /// Rows with this reference, and what came of them. Empty for all.
    pub reference: &'a str,
    pub place: Place,
    pub limit: usize,
}

diesel::alias!(credit_entries as others: Others);

/// The number of the first row of a ledger that `$condition` is true of in the order `$at`, `$number`.
macro_rules! number_of {
    ($organization:expr, $condition:expr, $at:expr, $number:expr) => {
        others
            .filter(others.field(credit_entries::organization_id).eq($organization))
            .filter($condition)
            .order(($at, $number))
            .select(others.field(credit_entries::number))
            .limit(1)
            .single_value()
    };
}

/// The statement behind [`read`], for either database.
macro_rules! query {
    ($range:expr) => {{
        let range: &Range<'_> = $range;
        let (at, number) = (others.field(credit_entries::at), others.field(credit_entries::number));
        let mut query = credit_entries::table
            .filter(credit_entries::organization_id.eq(range.organization))
            .limit(range.limit as i64)
            .select(Entry::as_select())
            .into_boxed();
        if let Some(kind) = range.kind {
            query = query.filter(credit_entries::kind.eq(kind));
        }
        if let Some(from) = range.from {
            let first = number_of!(range.organization, at.ge(from), at.asc(), number.asc());
            query = query.filter(credit_entries::number.nullable().ge(first)).filter(credit_entries::at.ge(from));
        }
        if let Some(until) = range.until {
            let last = number_of!(range.organization, at.lt(until), at.desc(), number.desc());
            query = query.filter(credit_entries::number.nullable().le(last)).filter(credit_entries::at.lt(until));
        }
        if !range.reference.is_empty() {
            let (from, to) = reference::span(range.reference);
            query = query.filter(credit_entries::reference.ge(from)).filter(credit_entries::reference.lt(to));
        }
        match range.place {
            Place::Start => query.order(credit_entries::number.desc()),
            Place::After(row) => query.filter(credit_entries::number.lt(row)).order(credit_entries::number.desc()),
            Place::Before(row) => query.filter(credit_entries::number.gt(row)).order(credit_entries::number.asc()),
        }
    }};
}

/// Up to `limit` rows, newest first. One statement.
pub fn read(connection: &mut Connection, range: &Range<'_>) -> Result<Vec<Entry>, DbError> {
    let mut rows: Vec<Entry> = on_either!(connection, |connection| query!(range).load(connection))?;
    if matches!(range.place, Place::Before(_)) {
        rows.reverse();
    }
    Ok(rows)
}

/// What there is, and how long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// What can be spent.
    pub balance: i64,
    /// How many rows the ledger has.
    pub entries: i64,
    /// When the first of them was written.
    pub first_at: Option<Timestamp>,
    /// What ends soon, soonest first: one for each moment, with how many credits end then.
    pub ending: Vec<(Timestamp, i64)>,
    /// None where it was never set.
    pub top_up: Option<TopUpState>,
}

/// How auto top-up is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopUpState {
    pub threshold: i64,
    switched_on_at: Option<Timestamp>,
    held_until: Option<Timestamp>,
}

impl TopUpState {
    pub fn is_on(&self) -> bool {
        self.switched_on_at.is_some()
    }

    /// Whether the next one waits, for the bank or for the next month.
    pub fn is_held(&self) -> bool {
        self.held_until.is_some()
    }
}

/// What an Organization has at `now`, what of it ends up to `until`, and how it is topped up. One statement.
pub fn overview(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
    until: Timestamp,
) -> Result<Overview, DbError> {
    let is_open_and_ends = credit_grants::organization_id
        .eq(credit_wallets::organization_id)
        .and(credit_grants::closed_at.is_null())
        .and(credit_grants::ends_at.le(until));
    let first = credit_entries::table
        .filter(credit_entries::organization_id.eq(organization))
        .filter(credit_entries::number.eq(1))
        .select(credit_entries::at);
    let settings = || top_up_settings::table.filter(top_up_settings::organization_id.eq(organization));
    // A row for each moment, and most grants end with a day.
    let query = credit_wallets::table
        .left_join(credit_grants::table.on(is_open_and_ends))
        .filter(credit_wallets::organization_id.eq(organization))
        .group_by((credit_wallets::balance, credit_wallets::entries, credit_grants::ends_at))
        .order(credit_grants::ends_at)
        .select((
            credit_wallets::balance,
            credit_wallets::entries,
            first.single_value(),
            credit_grants::ends_at.nullable(),
            whole_sum(credit_grants::remaining.nullable()),
            settings().select(top_up_settings::threshold).single_value(),
            settings().select(top_up_settings::switched_on_at).single_value(),
            settings().select(top_up_settings::held_until).single_value(),
        ));
    type Row = (
        i64,
        i64,
        Option<Timestamp>,
        Option<Timestamp>,
        Option<i64>,
        Option<i64>,
        Option<Timestamp>,
        Option<Timestamp>,
    );
    let rows: Vec<Row> = on_either!(connection, |connection| query.load(connection))?;
    let mut overview = Overview::default();
    // What has ended and is still in the balance cannot be spent.
    let mut ended = 0;
    for (balance, entries, first_at, ends_at, credits, threshold, switched_on_at, held_until) in rows {
        overview.top_up = threshold.map(|threshold| TopUpState { threshold, switched_on_at, held_until });
        (overview.balance, overview.entries, overview.first_at) = (balance, entries, first_at);
        match ends_at.zip(credits) {
            Some((ends_at, credits)) if ends_at <= now => ended += credits,
            ending => overview.ending.extend(ending),
        }
    }
    overview.balance -= ended;
    Ok(overview)
}
