//! What another term of a licence is, and what it costs.

use crate::billing::bill::Line;
use crate::db::{Connection, DbError};
use crate::licences::licence::Licence;
use crate::orders::item::{Item, RenewalItem};
use crate::orders::pricing::{self, Quote};
use crate::organizations::organization;

/// The next term at the price that was copied into the licence, with the tax of today.
pub fn of(connection: &mut Connection, licence: &Licence) -> Result<Quote, DbError> {
    let wrong = |what: &str| DbError::Unexpected(format!("the renewal of {}: {what}", licence.id));
    let organization = organization::load(connection, &licence.organization_id)?;
    let customer = pricing::customer(connection, &organization)?.ok_or_else(|| wrong("nothing is for sale"))?;
    let price = licence.unit_price().ok_or_else(|| wrong("it has no price"))?;
    let item = RenewalItem {
        licence: licence.id.to_string(),
        product: licence.product.clone(),
        plan: licence.plan.clone(),
        quantity: licence.quantity.unsigned_abs(),
    };
    let line = Line::of(format!("{}, {}: another term", item.product, item.plan), item.quantity, price);
    let bill = customer.bill(price.currency, vec![line], None);
    Ok(customer.quote(Item::Renewal(item), bill))
}
