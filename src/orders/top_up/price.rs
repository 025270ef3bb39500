//! What a top-up is, and what it costs.

use crate::db::{Connection, DbError};
use crate::ids::OrganizationId;
use crate::orders::item::Item;
use crate::orders::pricing::{self, Quote, Wanted};
use crate::organizations::organization;

/// A package as it is for sale now, with how many credits it brings. `None` where it is not sold any more.
pub fn of_package(
    connection: &mut Connection,
    organization: &OrganizationId,
    package: &str,
) -> Result<Option<(Quote, i64)>, DbError> {
    let organization = organization::load(connection, organization)?;
    let Some(customer) = pricing::customer(connection, &organization)? else { return Ok(None) };
    let Ok((Item::Credits(item), line)) = customer.price(&Wanted::Package { key: package.to_owned() }) else {
        return Ok(None);
    };
    let credits = item.credits.into();
    let bill = customer.bill(customer.country.currency, vec![line], None);
    Ok(Some((customer.quote(Item::TopUp(item), bill), credits)))
}
