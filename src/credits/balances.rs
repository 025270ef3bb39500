//! What the balance was at moments of the past.

use diesel::prelude::*;

use crate::db::{Connection, DbError, on_either};
use crate::ids::OrganizationId;
use crate::schema::credit_entries;
use crate::time::Timestamp;

/// At how many moments the balance is asked for at once.
pub const MOMENTS: usize = 26;

/// The last row before a moment says what the balance was. A macro, since each of the questions is a part of one statement.
macro_rules! ask {
    ($connection:expr, $organization:expr, $moments:expr, $($name:ident)*) => {{
        let [$($name),*] = *$moments;
        let query = diesel::select(($(
            credit_entries::table
                .filter(credit_entries::organization_id.eq($organization))
                .filter(credit_entries::at.lt($name))
                .order((credit_entries::at.desc(), credit_entries::number.desc()))
                .select(credit_entries::balance_after)
                .limit(1)
                .single_value(),
        )*));
        type Found = ($(answer!($name),)*);
        let ($($name,)*): Found = on_either!($connection, |connection| query.get_result(connection))?;
        [$($name.unwrap_or(0)),*]
    }};
}

/// The answer to each question: nothing where there was no row yet.
macro_rules! answer {
    ($name:ident) => {
        Option<i64>
    };
}

/// The balance just before each of the moments. One statement, which looks one row up for each, however many there are.
pub fn before(
    connection: &mut Connection,
    organization: &OrganizationId,
    moments: &[Timestamp; MOMENTS],
) -> Result<[i64; MOMENTS], DbError> {
    Ok(ask!(connection, organization, moments, a b c d e f g h i j k l m n o p q r s t u v w x y z))
}
