//! What of the log is shown. Links, the form and the export carry it in their addresses.

use serde::Deserialize;

use crate::access::Scope;
use crate::activity::Entry;
use crate::activity::listing::{Log, Place, Range};
use crate::audit::Topic;
use crate::ids::{ActivityId, UserId};
use crate::paging::Standing;
use crate::time::Zone;
use crate::web::form::days;
use crate::web::form::rules::{is_email, normal_email, one_line};
use crate::web::{Cursor, FieldErrors, query_string};

/// Rows on a page.
pub const PAGE: usize = 50;

/// What the log is narrowed to, and where in it a page begins. Empty values mean all, from the newest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ActivityFilter {
    /// Who did it, or to whom it was done: an address as it was typed, or the id that the link of a name carries.
    #[serde(deserialize_with = "one_line")]
    pub person: String,
    pub kind: String,
    /// The first day, as `2026-11-28`.
    #[serde(deserialize_with = "one_line")]
    pub from: String,
    /// The last day.
    #[serde(deserialize_with = "one_line")]
    pub to: String,
    pub after: String,
    pub before: String,
    /// That of whoever looks, in which the days are meant.
    #[serde(skip)]
    pub zone: Zone,
}

/// Whom the log is narrowed to.
pub enum Whom {
    Everybody,
    Id(UserId),
    Address(String),
}

impl ActivityFilter {
    pub fn topic(&self) -> Option<Topic> {
        self.kind.parse().ok().filter(|topic| Topic::OF_ORGANIZATIONS.contains(topic))
    }

    pub fn whom(&self) -> Whom {
        match UserId::parse(&self.person) {
            Some(id) => Whom::Id(id),
            None if self.person.is_empty() => Whom::Everybody,
            None => Whom::Address(normal_email(&self.person)),
        }
    }

    /// What is wrong with it.
    pub fn errors(&self) -> FieldErrors {
        let mut errors = days::errors(&self.from, &self.to);
        if let Whom::Address(address) = self.whom()
            && !is_email(&address)
        {
            errors.add("person", "Enter an e-mail address like name@example.com.");
        }
        errors
    }

    /// What is to be read: up to `limit` rows about `person`, from `place` on.
    pub fn range<'a>(&self, scope: &'a Scope, person: Option<&'a UserId>, place: Place, limit: usize) -> Range<'a> {
        let (from, until) = days::moments(&self.from, &self.to, self.zone);
        let log = Log::Organization(scope.organization_id());
        Range { log, topic: self.topic(), person: person.map(UserId::as_str), from, until, place, limit }
    }

    /// Whether it shows less than all rows.
    pub fn is_narrowed(&self) -> bool {
        [&self.person, &self.from, &self.to].iter().any(|text| !text.is_empty()) || self.topic().is_some()
    }

    pub fn place(&self) -> Place {
        let named = |text: &str| Cursor::decode(text).and_then(|cursor| standing(cursor.key()));
        Place::of(named(&self.after), named(&self.before))
    }

    /// The same rows from the newest on.
    fn beginning(&self) -> Self {
        Self { after: String::new(), before: String::new(), ..self.clone() }
    }

    /// The same rows, those that are older than this one.
    pub fn older(&self, entry: &Entry) -> Self {
        Self { after: cursor(entry), ..self.beginning() }
    }

    /// The same rows, those that are newer.
    pub fn newer(&self, entry: &Entry) -> Self {
        Self { before: cursor(entry), ..self.beginning() }
    }

    /// Those about this person; about everybody without one.
    pub fn with_person(&self, person: Option<&UserId>) -> Self {
        Self { person: person.map_or("", UserId::as_str).to_owned(), ..self.beginning() }
    }

    /// The page of these rows.
    pub fn page(&self, scope: &Scope) -> String {
        self.address(scope, "/activity")
    }

    /// The address of the file with all of these rows.
    pub fn file(&self, scope: &Scope) -> String {
        self.beginning().address(scope, "/activity/export.csv")
    }

    fn address(&self, scope: &Scope, below: &str) -> String {
        let all = [
            ("person", self.person.as_str()),
            ("kind", &self.kind),
            ("from", &self.from),
            ("to", &self.to),
            ("after", &self.after),
            ("before", &self.before),
        ];
        format!("{}{}", scope.path(below), query_string(all))
    }
}

/// Where a row stands, as it was written.
pub fn standing(text: &str) -> Option<Standing<ActivityId>> {
    Standing::parse(text, ActivityId::parse)
}

fn cursor(entry: &Entry) -> String {
    Cursor::after(&entry.standing().to_string()).encoded()
}
