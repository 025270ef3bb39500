//! What has ended and is still in the balance: until the job or the next change of the wallet takes it out, nobody can spend it, so
//! no page counts it.

use diesel::prelude::*;

use crate::db::{Connection, DbError, on_either};
use crate::ids::OrganizationId;
use crate::time::Timestamp;

/// How many credits `$organization` has of grants that ended up to `$now`: a query, which may be a column of another one.
macro_rules! ended_credits {
    ($organization:expr, $now:expr) => {{
        use $crate::schema::credit_grants;
        credit_grants::table
            .filter(credit_grants::organization_id.eq($organization))
            .filter(credit_grants::closed_at.is_null())
            .filter(credit_grants::ends_at.le($now))
            .select($crate::db::whole_sum(credit_grants::remaining))
    }};
}
pub(crate) use ended_credits;

/// The same as a number. One statement.
pub(super) fn ended(
    connection: &mut Connection,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<i64, DbError> {
    let query = ended_credits!(organization, now);
    let sum: Option<i64> = on_either!(connection, |connection| query.get_result(connection))?;
    Ok(sum.unwrap_or(0))
}
