//! What the company pays with: a card of the sandbox.

use crate::access::Scope;
use crate::audit::By;
use crate::db::{DbError, WriteTx};
use crate::payments::methods;
use crate::payments::provider::ProviderKind;
use crate::payments::sandbox::{cards::Card, keep_card};

/// How many days ago it was kept.
pub(super) const KEPT_DAYS: i64 = 410;

pub(super) fn keep(tx: &mut WriteTx, scope: &Scope) -> Result<(), DbError> {
    let method = keep_card(tx, Card::Good)?;
    methods::keep(tx, By::member(scope), scope.organization_id(), ProviderKind::Sandbox, &method).map(drop)
}
