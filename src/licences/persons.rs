//! What one person has of the licences of an Organization: seats, and access.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::db::{Connection, DbError};
use crate::ids::{OrganizationId, UserId};
use crate::licences::licence::Licence;
use crate::schema::{licence_grants, licence_seats, licences};
use crate::time::Timestamp;

/// A licence of which somebody has a seat, or to which they were given access.
#[derive(Clone, Debug)]
pub struct Persons {
    pub licence: Licence,
    pub occupied_at: Option<Timestamp>,
    pub granted_at: Option<Timestamp>,
}

/// All of them, in the order of their ids. Two statements.
pub fn all(connection: &mut Connection, organization: &OrganizationId, user: &UserId) -> Result<Vec<Persons>, DbError> {
    some(connection, organization, user, i64::MAX)
}

/// The first of them, up to `most`. Two statements.
pub fn some(
    connection: &mut Connection,
    organization: &OrganizationId,
    user: &UserId,
    most: i64,
) -> Result<Vec<Persons>, DbError> {
    let seats: Vec<(Licence, Timestamp)> = licence_seats::table
        .inner_join(licences::table)
        .filter(licence_seats::organization_id.eq(organization))
        .filter(licence_seats::user_id.eq(user))
        .order(licence_seats::licence_id)
        .limit(most)
        .select((Licence::as_select(), licence_seats::occupied_at))
        .load(connection)?;
    let grants: Vec<(Licence, Timestamp)> = licence_grants::table
        .inner_join(licences::table)
        .filter(licence_grants::organization_id.eq(organization))
        .filter(licence_grants::user_id.eq(user))
        .order(licence_grants::licence_id)
        .limit(most)
        .select((Licence::as_select(), licence_grants::granted_at))
        .load(connection)?;
    let mut all = BTreeMap::new();
    for (licence, occupied_at) in seats {
        all.insert(licence.id.clone(), Persons { licence, occupied_at: Some(occupied_at), granted_at: None });
    }
    for (licence, granted_at) in grants {
        let granted = Persons { licence, occupied_at: None, granted_at: Some(granted_at) };
        all.entry(granted.licence.id.clone()).or_insert(granted).granted_at = Some(granted_at);
    }
    Ok(all.into_values().take(usize::try_from(most).unwrap_or(usize::MAX)).collect())
}
