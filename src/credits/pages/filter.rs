//! What of the ledger is shown. Links, forms and the export carry it in their addresses.

use serde::Deserialize;

use crate::access::Scope;
use crate::credits::entry::Kind;
use crate::credits::history::{Place, Range};
use crate::time::Zone;
use crate::web::form::days;
use crate::web::form::rules::one_line;
use crate::web::{Cursor, FieldErrors, query_string};

/// Rows on a page.
pub const PAGE: usize = 50;

/// What the ledger is narrowed to, and where in it a page begins. Empty values mean all, from the newest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CreditFilter {
    pub kind: String,
    /// The first day, as `2026-11-28`.
    #[serde(deserialize_with = "one_line")]
    pub from: String,
    /// The last day.
    #[serde(deserialize_with = "one_line")]
    pub to: String,
    #[serde(deserialize_with = "one_line")]
    pub reference: String,
    pub after: String,
    pub before: String,
    /// That of whoever looks, in which the days are meant.
    #[serde(skip)]
    pub zone: Zone,
}

impl CreditFilter {
    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    /// What is to be read: up to `limit` rows, from `place` on.
    pub fn range<'a>(&'a self, scope: &'a Scope, place: Place, limit: usize) -> Range<'a> {
        let (from, until) = days::moments(&self.from, &self.to, self.zone);
        Range {
            organization: scope.organization_id(),
            kind: self.kind(),
            from,
            until,
            reference: &self.reference,
            place,
            limit,
        }
    }

    /// What is wrong with it.
    pub fn errors(&self) -> FieldErrors {
        days::errors(&self.from, &self.to)
    }

    /// Whether it shows less than all rows.
    pub fn is_narrowed(&self) -> bool {
        [&self.from, &self.to, &self.reference].iter().any(|text| !text.is_empty()) || self.kind().is_some()
    }

    /// Where the page is that the address names.
    pub fn place(&self) -> Place {
        let number = |parameter: &str| Cursor::decode(parameter).and_then(|cursor| cursor.key().parse().ok());
        Place::of(number(&self.after), number(&self.before))
    }

    /// The same rows from the newest on.
    pub fn beginning(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The same rows, those that are older than the one with this number.
    pub fn older(&self, number: i64) -> Self {
        Self { after: cursor(number), ..self.beginning() }
    }

    /// The same rows, those that are newer.
    pub fn newer(&self, number: i64) -> Self {
        Self { before: cursor(number), ..self.beginning() }
    }

    /// Those of this kind; all without one.
    pub fn with_kind(&self, kind: Option<Kind>) -> Self {
        Self { kind: kind.map_or("", Kind::key).to_owned(), ..self.beginning() }
    }

    /// What stands behind the path in an address, with its question mark; nothing for all.
    pub fn query(&self) -> String {
        let all = [
            ("kind", self.kind.as_str()),
            ("from", &self.from),
            ("to", &self.to),
            ("reference", &self.reference),
            ("after", &self.after),
            ("before", &self.before),
        ];
        query_string(all)
    }

    /// The page of these rows.
    pub fn page(&self, scope: &Scope) -> String {
        format!("{}{}", scope.path("/credits"), self.query())
    }
}

fn cursor(number: i64) -> String {
    Cursor::after(&number.to_string()).encoded()
}
