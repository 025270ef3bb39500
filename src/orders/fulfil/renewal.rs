//! Another term of a licence. The credits of that term come with it.

use super::Fulfilled;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::renewal::{Renew, renew};
use crate::orders::item::RenewalItem;
use crate::orders::order::Order;
use crate::orders::renewals::settled::settled;

pub(super) fn fulfil(tx: &mut WriteTx, by: By<'_>, order: &Order, item: &RenewalItem) -> Result<Fulfilled, DbError> {
    let wrong = |what: &str| DbError::Unexpected(format!("the renewal by {}: {what}", order.id));
    let licence = LicenceId::parse(&item.licence).ok_or_else(|| wrong("it names no licence"))?;
    // It may have been cancelled between the charge and its record.
    let renewed = renew(tx, by, &order.organization_id, &licence)?;
    settled(tx, &order.id)?;
    let is_stale = !matches!(renewed, Renew::Renewed { .. });
    Ok(Fulfilled { licence: Some(licence), is_stale, ..Fulfilled::default() })
}
