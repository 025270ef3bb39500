//! How a licence goes on by itself: what its page says about the next charge. The charges themselves stand with the orders.

use chrono::Duration;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;

use crate::access::{Permission, Scope};
use crate::db::{Connection, DbError, on_either};
use crate::ids::LicenceId;
use crate::licences::licence::Licence;
use crate::licences::listing::{Listed, with_seats};
use crate::schema::{licence_grants, licence_seats, licences, payment_methods, renewals};
use crate::stored::stored_as_text;
use crate::time::Timestamp;

/// How long before the end of a term the next one is charged.
pub const AHEAD: Duration = Duration::days(7);

/// Why a charge brought nothing, by the key that is stored.
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
pub enum Problem {
    /// The bank said no.
    Declined,
    /// The Organization has nothing to pay with.
    NoMethod,
}

stored_as_text!(Problem);

impl Licence {
    /// Whether another term is charged before this one ends, as things stand.
    pub fn renews(&self) -> bool {
        let is_sold = self.term.renews() && self.price().is_some_and(|price| price.minor > 0);
        is_sold && self.cancelled_at.is_none() && self.suspended_at.is_none()
    }

    /// When the next term is charged for the first time.
    pub fn is_charged_at(&self) -> Option<Timestamp> {
        self.ends_at.filter(|_| self.renews()).map(|end| end - AHEAD)
    }
}

/// What is known of the next charge of a licence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Automatic {
    /// When the next try is, where one was begun.
    pub next_try_at: Option<Timestamp>,
    /// Why the last try brought nothing.
    pub problem: Option<Problem>,
    /// The brand and the last four digits of what is charged.
    pub method: Option<(String, String)>,
}

/// A licence that somebody may see, with what is known of its next charge. One statement.
pub fn one(connection: &mut Connection, scope: &Scope, id: &LicenceId) -> Result<Option<(Listed, Automatic)>, DbError> {
    let user = &scope.person().user_id;
    let is_of_term = renewals::licence_id.eq(licences::id).and(renewals::term_ends_at.nullable().eq(licences::ends_at));
    let query = licences::table
        .left_join(renewals::table.on(is_of_term))
        .left_join(payment_methods::table.on(payment_methods::organization_id.eq(licences::organization_id)))
        .filter(licences::id.eq(id))
        .filter(licences::organization_id.eq(scope.organization_id()));
    let (next_try_at, problem) = (renewals::next_try_at.nullable(), renewals::problem.nullable());
    let method = (payment_methods::brand, payment_methods::last_four).nullable();
    type Row = (Licence, Option<i64>, Option<i64>, Option<Timestamp>, Option<Problem>, Option<(String, String)>);
    let found: Option<Row> = if scope.may(Permission::ViewLicences) {
        on_either!(connection, |connection| {
            with_seats!(query, user, next_try_at, problem, method).first(connection).optional()
        })?
    } else {
        let granted = licence_grants::table
            .filter(licence_grants::licence_id.eq(licences::id))
            .filter(licence_grants::user_id.eq(user))
            .select(licence_grants::licence_id);
        let query = query.filter(diesel::dsl::exists(granted));
        on_either!(connection, |connection| {
            with_seats!(query, user, next_try_at, problem, method).first(connection).optional()
        })?
    };
    Ok(found.map(|(licence, used, own, next_try_at, problem, method)| {
        (Listed::new(licence, used, own), Automatic { next_try_at, problem, method })
    }))
}
