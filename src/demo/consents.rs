//! What the people of the demo agreed to.

use super::people::scope_of;
use crate::access::Scope;
use crate::db::{DbError, WriteTx};
use crate::privacy::consents::{self, Wish};
use crate::privacy::kind::Kind;

/// Somebody agreed to something so many days ago, or withdrew it.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    name: &'static str,
    pub(super) days: i64,
    kind: Kind,
    given: bool,
}

const fn choice(name: &'static str, days: i64, kind: Kind, given: bool) -> Choice {
    Choice { name, days, kind, given }
}

pub(super) const CHOICES: [Choice; 11] = [
    choice("owner", 540, Kind::ProductNews, true),
    choice("owner", 540, Kind::Webinars, true),
    choice("owner", 212, Kind::Webinars, false),
    choice("owner", 63, Kind::Diagnostics, true),
    choice("manager", 410, Kind::ProductNews, true),
    choice("manager", 410, Kind::Training, true),
    choice("editor", 300, Kind::Surveys, true),
    choice("editor", 120, Kind::Analytics, true),
    choice("editor", 31, Kind::Surveys, false),
    choice("reader", 77, Kind::ProductNews, true),
    choice("member", 12, Kind::Diagnostics, true),
];

pub(super) fn happen(tx: &mut WriteTx, owner: &Scope, choice: Choice) -> Result<(), DbError> {
    let Choice { name, kind, given, .. } = choice;
    let scope = scope_of(tx, owner, name)?;
    consents::choose(tx, scope.person(), &[Wish { kind, given }]).map(drop)
}
