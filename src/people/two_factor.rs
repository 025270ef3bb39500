//! Who lacks two-factor authentication: for Owners who are about to require it, and for whoever helps people to set it up.
//!
//! `users.two_factor_at` says who has it. Each membership says it, too, so that those without are one range of an index however many
//! people there are. Whatever changes the one changes the others, in the same transaction.

use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Connection, Db, DbError, TxContext};
use crate::ids::{MembershipId, OrganizationId};
use crate::names::full_name;
use crate::paging::{self, Part};
use crate::schema::{memberships, users};

/// How many people without it are counted.
pub const MOST_COUNTED: usize = 1_000;

/// Somebody without it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = memberships)]
pub struct Lacking {
    pub id: MembershipId,
    pub role: Role,
    #[diesel(select_expression = users::first_name)]
    first_name: String,
    #[diesel(select_expression = users::last_name)]
    last_name: String,
    #[diesel(select_expression = users::email)]
    pub email: String,
}

impl Lacking {
    pub fn name(&self) -> String {
        full_name(&self.first_name, &self.last_name)
    }
}

pub type Place = paging::Place<MembershipId>;

/// Those without it whose account is not suspended.
macro_rules! lacking {
    ($organization:expr) => {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::organization_id.eq($organization))
            .filter(memberships::has_two_factor.eq(false))
            .filter(users::two_factor_at.is_null())
            .filter(users::suspended_at.is_null())
    };
}

/// A part of them, who has been here longest first. One statement.
pub fn lacking(
    connection: &mut Connection,
    organization: &OrganizationId,
    place: &Place,
    most: usize,
) -> Result<Part<Lacking>, DbError> {
    let query = lacking!(organization).limit(most as i64 + 1).select(Lacking::as_select()).into_boxed();
    let query = match place {
        Place::Start => query.order(memberships::id.asc()),
        Place::After(id) => query.filter(memberships::id.gt(id)).order(memberships::id.asc()),
        Place::Before(id) => query.filter(memberships::id.lt(id)).order(memberships::id.desc()),
    };
    Ok(Part::as_read(query.load(connection)?, place, most))
}

/// How many there are, up to one more than are counted. One statement.
pub fn count(connection: &mut Connection, organization: &OrganizationId) -> Result<usize, DbError> {
    let found: Vec<Role> =
        lacking!(organization).limit(MOST_COUNTED as i64 + 1).select(memberships::role).load(connection)?;
    Ok(found.len())
}

/// How many people are put right in one transaction.
const BATCH: i64 = 500;

/// Puts right what an older version of the program, while it still answered beside this one, has not noted.
pub(super) fn correct(db: &Db, context: &TxContext) -> Result<(), DbError> {
    for has_it in [true, false] {
        while !db.read::<_, DbError>(|connection| wrong(connection, has_it))?.is_empty() {
            db.write::<_, DbError>(context, |tx| {
                let wrong = wrong(tx.connection, has_it)?;
                diesel::update(memberships::table.filter(memberships::id.eq_any(&wrong)))
                    .set(memberships::has_two_factor.eq(has_it))
                    .execute(tx.connection)?;
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Those who have it, or lack it, by their account and not by their membership.
fn wrong(connection: &mut Connection, has_it: bool) -> Result<Vec<MembershipId>, DbError> {
    let query = memberships::table
        .inner_join(users::table)
        .filter(memberships::has_two_factor.ne(has_it))
        .limit(BATCH)
        .select(memberships::id)
        .into_boxed();
    let query = match has_it {
        true => query.filter(users::two_factor_at.is_not_null()),
        false => query.filter(users::two_factor_at.is_null()),
    };
    Ok(query.load(connection)?)
}
