//! What of the list of people is shown. The pages and forms of the list carry it in their addresses, so that whoever acts comes back
//! to where they were.

use serde::Deserialize;

use crate::access::{Role, Scope};
use crate::people::listing::{Place, Range, Sort, Status};
use crate::time::Timestamp;
use crate::web::form::rules::one_line;
use crate::web::{Cursor, query_string};

/// People on a page.
pub const PAGE: usize = 50;

/// What the list is narrowed to, how it is ordered, and where in it a page begins. Empty or unknown values mean everybody, by name,
/// from the first on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PeopleFilter {
    #[serde(deserialize_with = "one_line")]
    pub search: String,
    pub role: String,
    pub status: String,
    pub sort: String,
    /// `reversed`, where the order is the other way round than the usual one.
    pub order: String,
    pub after: String,
    pub before: String,
    /// How many people stand before this page.
    pub at: String,
}

const REVERSED: &str = "reversed";

impl PeopleFilter {
    /// What is to be read: up to `limit` entries, from `place` on.
    pub fn range<'a>(&'a self, scope: &'a Scope, place: Place<'a>, limit: usize, now: Timestamp) -> Range<'a> {
        Range {
            organization: scope.organization_id(),
            search: &self.search,
            role: self.role(),
            status: self.status(),
            sort: self.sort(),
            descending: self.is_descending(),
            from: place,
            limit,
            now,
        }
    }

    pub fn role(&self) -> Option<Role> {
        Role::parse(&self.role)
    }

    pub fn status(&self) -> Option<Status> {
        self.status.parse().ok().filter(|status| *status != Status::Suspended)
    }

    pub fn sort(&self) -> Sort {
        self.sort.parse().unwrap_or(Sort::Name)
    }

    /// Who came last, and who was here last, comes first.
    pub fn is_descending(&self) -> bool {
        matches!(self.sort(), Sort::Joined | Sort::LastActive) != self.is_reversed()
    }

    fn is_reversed(&self) -> bool {
        self.order == REVERSED
    }

    /// Whether it shows less than everybody.
    pub fn is_narrowed(&self) -> bool {
        !self.search.is_empty() || self.role().is_some() || self.status().is_some()
    }

    /// The cursors that the address names: behind whom this page begins, or before whom it ends.
    pub fn cursors(&self) -> (Option<Cursor>, Option<Cursor>) {
        (Cursor::decode(&self.after), Cursor::decode(&self.before))
    }

    /// How many people stand before this page, as far as the address says.
    pub fn skipped(&self) -> usize {
        self.at.parse().unwrap_or_default()
    }

    /// The same people from the first on.
    pub fn beginning(&self) -> Self {
        Self { after: String::new(), before: String::new(), at: String::new(), ..self.clone() }
    }

    /// The same people, those behind `cursor`.
    pub fn following(&self, cursor: &Cursor, skipped: usize) -> Self {
        Self { after: cursor.encoded(), before: String::new(), at: skipped.to_string(), ..self.clone() }
    }

    /// The same people, those before `cursor`.
    pub fn preceding(&self, cursor: &Cursor, skipped: usize) -> Self {
        Self { after: String::new(), before: cursor.encoded(), at: skipped.to_string(), ..self.clone() }
    }

    /// Those with this status; an empty one for everybody.
    pub fn with_status(&self, status: &str) -> Self {
        Self { status: status.to_owned(), ..self.beginning() }
    }

    /// The same people in this order, and the other way round where they are in this order already.
    pub fn sorted_by(&self, sort: Sort) -> Self {
        let is_turned = self.sort() == sort && !self.is_reversed();
        Self {
            sort: <&str>::from(sort).to_owned(),
            order: if is_turned { REVERSED.to_owned() } else { String::new() },
            ..self.beginning()
        }
    }

    /// What stands behind the path in an address, with its question mark; nothing for everybody.
    pub fn query(&self) -> String {
        query_string(self.pairs())
    }

    /// The fields that say something, by their names.
    pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("search", self.search.as_str()),
            ("role", &self.role),
            ("status", &self.status),
            ("sort", &self.sort),
            ("order", &self.order),
            ("after", &self.after),
            ("before", &self.before),
            ("at", &self.at),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty())
    }

    /// The list, where the reader left it.
    pub fn list(&self, scope: &Scope) -> String {
        format!("{}{}", scope.path("/people"), self.query())
    }

    /// The list, at the row of this member or invitation.
    pub fn row(&self, scope: &Scope, id: &str) -> String {
        format!("{}#{id}", self.list(scope))
    }
}
