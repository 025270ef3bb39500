//! For anybody who knows the address of a page of the sandbox, where that takes payments.

use super::Table;
use crate::guard::Guard::Public;
use crate::payments::pages::sandbox;

pub(super) fn declare(table: &mut Table) {
    table.at("/sandbox/checkout/{token}", Public).get(sandbox::show).post(sandbox::submit);
}
