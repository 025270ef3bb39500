//! What of the orders is shown. Links, the form and the export carry it in their addresses.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::access::Scope;
use crate::orders::item::Kind;
use crate::orders::listing::{self, Listed, Range, Standing};
use crate::orders::order::Status;
use crate::paging::Place;
use crate::time::Zone;
use crate::web::{Cursor, query_string};

/// Orders on a page.
pub const PAGE: usize = 25;

/// What the list is narrowed to, and where in it a page begins. Unknown values mean all, from the newest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OrderFilter {
    pub status: String,
    pub kind: String,
    pub year: String,
    pub after: String,
    pub before: String,
    /// That of whoever looks, in which the year is meant.
    #[serde(skip)]
    pub zone: Zone,
}

impl OrderFilter {
    pub fn status(&self) -> Option<Status> {
        self.status.parse().ok()
    }

    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    pub fn year(&self) -> Option<i32> {
        self.year.parse().ok().filter(|year| self.year.len() == 4 && (2000..=9998).contains(year))
    }

    /// Whether it shows less than all.
    pub fn is_narrowed(&self) -> bool {
        self.status().is_some() || self.kind().is_some() || self.year().is_some()
    }

    pub fn place(&self) -> Place<Standing> {
        let named = |text: &str| Cursor::decode(text).and_then(|cursor| listing::parse(cursor.key()));
        Place::of(named(&self.after), named(&self.before))
    }

    /// What is to be read: up to `limit` orders, from `place` on.
    pub fn range<'a>(&self, scope: &'a Scope, place: Place<Standing>, limit: usize) -> Range<'a> {
        let begins = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|day| self.zone.start_of(day));
        Range {
            organization: scope.organization_id(),
            status: self.status(),
            kind: self.kind(),
            from: self.year().and_then(begins),
            until: self.year().and_then(|year| begins(year + 1)),
            place,
            limit,
        }
    }

    /// The same orders from the newest on.
    fn beginning(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The same orders, those that are older than this one.
    pub fn older(&self, order: &Listed) -> Self {
        Self { after: cursor(order), ..self.beginning() }
    }

    /// The same orders, those that are newer.
    pub fn newer(&self, order: &Listed) -> Self {
        Self { before: cursor(order), ..self.beginning() }
    }

    /// Those in this state; all without one.
    pub fn with_status(&self, status: Option<Status>) -> Self {
        Self { status: status.as_ref().map_or("", AsRef::as_ref).to_owned(), ..self.beginning() }
    }

    /// The address of the list with this filter.
    pub fn page(&self, scope: &Scope) -> String {
        self.address(scope, "/plans/orders")
    }

    /// The address of the file with all of these orders.
    pub fn file(&self, scope: &Scope) -> String {
        self.beginning().address(scope, "/plans/orders/export.csv")
    }

    fn address(&self, scope: &Scope, below: &str) -> String {
        let all = [
            ("status", self.status.as_str()),
            ("kind", &self.kind),
            ("year", &self.year),
            ("after", &self.after),
            ("before", &self.before),
        ];
        format!("{}{}", scope.path(below), query_string(all))
    }
}

fn cursor(order: &Listed) -> String {
    Cursor::after(&order.standing().to_string()).encoded()
}
