//! For other servers, which sign what they tell. No session is read.

use super::Table;
use crate::guard::Guard::Anonymous;
use crate::payments::pages::hook;

pub(super) fn declare(table: &mut Table) {
    table.at("/hooks/stripe", Anonymous).signed(hook::stripe);
}
