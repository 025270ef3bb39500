//! What another term of a licence is, and what it costs.

use crate::billing::bill::Line;
use crate::db::{Connection, DbError};
use crate::licences::licence::Licence;
use crate::orders::item::{Item, RenewalItem};
use crate::orders::pricing::{self, Quote};
use crate::organizations::organization;

/// The next term, with what was asked to change with it, at the price that was copied into the licence and with the tax of today.
pub fn of(connection: &mut Connection, licence: &Licence) -> Result<Quote, DbError> {
    let wrong = |what: &str| DbError::Unexpected(format!("the renewal of {}: {what}", licence.id));
    let organization = organization::load(connection, &licence.organization_id)?;
    let customer = pricing::customer(connection, &organization)?.ok_or_else(|| wrong("nothing is for sale"))?;
    let next = licence.next_term();
    let (price, line) = next.unit_price.zip(next.line(&licence.product)).ok_or_else(|| wrong("it has no price"))?;
    let item = RenewalItem {
        licence: licence.id.to_string(),
        product: licence.product.clone(),
        plan: next.plan,
        quantity: next.quantity.unsigned_abs(),
    };
    let line = Line { description: format!("{}: another term", line.description), ..line };
    let bill = customer.bill(price.currency, vec![line], None);
    Ok(customer.quote(Item::Renewal(item), bill))
}
