//! Removing what an Organization pays with: without it nothing can be topped up, so that is switched off, too.

use super::choose::{SwitchOff, off};
use super::settings::Stopped;
use crate::access::Scope;
use crate::db::{DbError, WriteTx};
use crate::payments::methods::{self, Remove};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    pub method: Remove,
    /// Whether auto top-up was on until now.
    pub was_topped_up: bool,
}

/// Removes the method that somebody was shown, and switches auto top-up off, both or neither.
pub fn remove(tx: &mut WriteTx, scope: &Scope, shown: &str) -> Result<Removal, DbError> {
    let Some(scope) = scope.lock(tx)? else {
        return Ok(Removal { method: Remove::NotAllowed, was_topped_up: false });
    };
    let method = methods::remove(tx, &scope, shown)?;
    let was_topped_up = method == Remove::Removed && off(tx, &scope, Some(Stopped::NoMethod))? != SwitchOff::Already;
    Ok(Removal { method, was_topped_up })
}
