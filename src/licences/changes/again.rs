//! Another term, by hand.

use crate::billing::bill::Line;
use crate::licences::changes::state::{Refusal, basis, bought};
use crate::licences::licence::Licence;
use crate::licences::next_term::NextTerm;
use crate::licences::terms::renewed;
use crate::time::Timestamp;

/// What another term is and costs, and until when it goes then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub line: Line,
    pub next: NextTerm,
    pub until: Timestamp,
}

/// What another term costs: from the end on where that is to come, otherwise from now. One at a time: where a whole one is paid ahead,
/// it waits until that has begun.
pub fn quote(licence: &Licence, now: Timestamp) -> Result<Quote, Refusal> {
    bought(licence)?;
    let ends_at = licence.ends_at.ok_or(Refusal::Perpetual)?;
    if licence.cancelled_at.is_some() {
        return Err(Refusal::Cancelled);
    }
    match basis(licence, now) {
        // What has ended can be had again.
        Ok(basis) if basis.share.terms > 0 && basis.share.days > 0 => return Err(Refusal::RenewedUntil { ends_at }),
        Ok(basis) if basis.share.terms > 1 => return Err(Refusal::RenewedUntil { ends_at }),
        Err(refusal) if refusal != Refusal::Ended => return Err(refusal),
        _ => {}
    }
    let next = licence.next_term();
    let until = renewed(next.term, ends_at, licence.renewal_day.cast_unsigned(), now).ok_or(Refusal::Trial)?.0;
    let line = next.line(&licence.product).ok_or(Refusal::NotBought)?;
    Ok(Quote { line, next, until })
}
