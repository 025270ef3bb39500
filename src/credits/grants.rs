//! What is left of each grant, and which rows took from it. Who changes anything here holds the wallet's lock.

use chrono::NaiveDate;
use diesel::dsl::auto_type;
use diesel::prelude::*;

use crate::credits::entry::{Entry, Source};
use crate::db::{Connection, DbError, WriteTx};
use crate::ids::{CreditEntryId, OrganizationId};
use crate::schema::{credit_entries, credit_grants, credit_parts};
use crate::time::Timestamp;

/// How many grants are read at a time. A spend that takes from more reads on.
const BATCH: i64 = 16;

/// The end of a grant that does not end. A moment, since rows are found in the order of their ends, and the two databases would put
/// nothing at different ends of it.
pub(super) fn never() -> Timestamp {
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).and_then(|day| day.and_hms_opt(0, 0, 0));
    Timestamp::from(last.expect("there is such a day"))
}

/// What is left of a grant.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = credit_grants)]
pub(super) struct Rest {
    pub entry_id: CreditEntryId,
    pub remaining: i64,
    pub ends_at: Timestamp,
}

impl Rest {
    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.ends_at <= now
    }
}

#[derive(Insertable)]
#[diesel(table_name = credit_grants, treat_none_as_default_value = false)]
struct Row<'a> {
    entry_id: &'a CreditEntryId,
    organization_id: &'a OrganizationId,
    number: i64,
    purchased: bool,
    remaining: i64,
    ends_at: Timestamp,
    closed_at: Option<Timestamp>,
}

/// Keeps a grant of which everything is left.
pub(super) fn open(tx: &mut WriteTx, grant: &Entry, ends_at: Timestamp) -> Result<(), DbError> {
    let row = Row {
        entry_id: &grant.id,
        organization_id: &grant.organization_id,
        number: grant.number,
        purchased: grant.source.is_some_and(Source::is_purchased),
        remaining: grant.amount,
        ends_at,
        closed_at: None,
    };
    diesel::insert_into(credit_grants::table).values(row).execute(tx.connection)?;
    Ok(())
}

#[auto_type]
fn open_in_order<'a>(organization: &'a OrganizationId) -> _ {
    credit_grants::table
        .filter(credit_grants::organization_id.eq(organization))
        .filter(credit_grants::closed_at.is_null())
        .order((credit_grants::ends_at, credit_grants::purchased, credit_grants::number))
}

/// The grants of which something is left, in the order in which they are spent: those that have ended already come first.
pub(super) fn in_order(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Vec<Rest>, DbError> {
    Ok(open_in_order(organization).limit(BATCH).select(Rest::as_select()).load(tx.connection)?)
}

/// The same without those that have ended.
pub(super) fn to_spend(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Vec<Rest>, DbError> {
    let query = open_in_order(organization).filter(credit_grants::ends_at.gt(tx.now));
    Ok(query.limit(BATCH).select(Rest::as_select()).load(tx.connection)?)
}

pub(super) fn find(tx: &mut WriteTx, grant: &CreditEntryId) -> Result<Rest, DbError> {
    let row = credit_grants::table.filter(credit_grants::entry_id.eq(grant));
    Ok(row.select(Rest::as_select()).first(tx.connection)?)
}

/// Grants that have ended and of which something is left, with the reference of each. At most a batch.
pub(super) fn ended(tx: &mut WriteTx, organization: &OrganizationId) -> Result<Vec<(Rest, String)>, DbError> {
    let rows = credit_grants::table
        .inner_join(credit_entries::table)
        .filter(credit_grants::organization_id.eq(organization))
        .filter(credit_grants::closed_at.is_null())
        .filter(credit_grants::ends_at.le(tx.now))
        .order((credit_grants::ends_at, credit_grants::purchased, credit_grants::number))
        .limit(BATCH)
        .select((Rest::as_select(), credit_entries::reference))
        .load(tx.connection)?;
    Ok(rows)
}

/// The Organizations of up to `most` such grants, those that ended first, without the ones that were `tried`: one for each grant.
pub(super) fn with_ended(
    connection: &mut Connection,
    now: Timestamp,
    tried: &[OrganizationId],
    most: i64,
) -> Result<Vec<OrganizationId>, DbError> {
    let organizations = credit_grants::table
        .filter(credit_grants::closed_at.is_null())
        .filter(credit_grants::ends_at.le(now))
        .filter(credit_grants::organization_id.ne_all(tried))
        .order(credit_grants::ends_at)
        .limit(most)
        .select(credit_grants::organization_id)
        .load(connection)?;
    Ok(organizations)
}

/// Takes credits from a grant, or gives some back to it where `amount` is more than nothing, in the name of a row.
pub(super) fn change(tx: &mut WriteTx, entry: &Entry, rest: &Rest, amount: i64) -> Result<(), DbError> {
    let remaining = rest.remaining + amount;
    diesel::update(credit_grants::table.filter(credit_grants::entry_id.eq(&rest.entry_id)))
        .set((credit_grants::remaining.eq(remaining), credit_grants::closed_at.eq((remaining == 0).then_some(tx.now))))
        .execute(tx.connection)?;
    diesel::insert_into(credit_parts::table)
        .values((
            credit_parts::entry_id.eq(&entry.id),
            credit_parts::grant_id.eq(&rest.entry_id),
            credit_parts::amount.eq(amount),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// Ends a grant now: what comes back to it later is not to be spent.
pub(super) fn end(tx: &mut WriteTx, grant: &CreditEntryId) -> Result<(), DbError> {
    diesel::update(credit_grants::table.filter(credit_grants::entry_id.eq(grant)))
        .set(credit_grants::ends_at.eq(tx.now))
        .execute(tx.connection)?;
    Ok(())
}

/// From which grants a row took how many credits, less than nothing each, in the order in which the grants were made.
pub(super) fn parts(tx: &mut WriteTx, entry: &CreditEntryId) -> Result<Vec<(CreditEntryId, i64)>, DbError> {
    let parts = credit_parts::table
        .filter(credit_parts::entry_id.eq(entry))
        .order(credit_parts::grant_id)
        .select((credit_parts::grant_id, credit_parts::amount))
        .load(tx.connection)?;
    Ok(parts)
}
