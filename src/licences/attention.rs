//! How many licences need somebody's attention.

use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamp as SqlTimestamp};

use crate::db::{Connection, DbError};
use crate::ids::OrganizationId;
use crate::licences::status::EXPIRING;
use crate::time::Timestamp;

/// Beyond this nobody counts: a page says "100+".
pub const MOST: i64 = 100;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, QueryableByName)]
pub struct Attention {
    #[diesel(sql_type = BigInt)]
    pub expiring: i64,
    #[diesel(sql_type = BigInt)]
    pub in_grace: i64,
    #[diesel(sql_type = BigInt)]
    pub suspended: i64,
}

// Both databases know `$1`. Each count is a short range of one index: of 101 ids at the most.
const COUNT: &str = "SELECT \
    (SELECT count(*) FROM licences WHERE id IN (SELECT id FROM licences WHERE organization_id = $1 \
        AND suspended_at IS NULL AND cancelled_at IS NULL AND ends_at > $2 AND ends_at <= $3 LIMIT 101)) AS expiring, \
    (SELECT count(*) FROM licences WHERE id IN (SELECT id FROM licences WHERE organization_id = $1 \
        AND suspended_at IS NULL AND cancelled_at IS NULL AND ends_at > $4 AND ends_at <= $2 LIMIT 101)) AS in_grace, \
    (SELECT count(*) FROM licences WHERE id IN (SELECT id FROM licences WHERE organization_id = $1 \
        AND suspended_at IS NOT NULL LIMIT 101)) AS suspended";

/// Counted up to one more than [`MOST`] each, where what has ended is kept for `grace`. One statement.
pub fn count(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
    grace: Duration,
) -> Result<Attention, DbError> {
    Ok(diesel::sql_query(COUNT)
        .bind::<Text, _>(organization)
        .bind::<SqlTimestamp, _>(now)
        .bind::<SqlTimestamp, _>(now + EXPIRING)
        .bind::<SqlTimestamp, _>(now - grace)
        .get_result(connection)?)
}
