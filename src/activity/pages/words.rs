//! Rows of the log in words: a sentence, and what of the change it does not say.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::access::{Role, SessionLength};
use crate::activity::{Entry, Fields};
use crate::audit::Action;
use crate::audit::words::{Piece, Source, sentence, sources};
use crate::countries::country_name;
use crate::licences::terms::Term;
use crate::numbers::grouped;
use crate::time::{Timestamp, When};
use crate::web::choices::{INDUSTRIES, LANGUAGES, label};

/// How a page shows moments.
pub type Moments<'a> = dyn Fn(Timestamp) -> When + 'a;

/// A field that was changed, as it was and as it is. Empty where there is no such side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// A row whose sides are read. They are JSON, and more than one of these questions is asked about most rows.
pub struct EntryInWords<'a> {
    entry: &'a Entry,
    action: Option<Action>,
    before: Fields,
    after: Fields,
    when: &'a Moments<'a>,
}

impl<'a> EntryInWords<'a> {
    pub fn new(entry: &'a Entry, when: &'a Moments<'a>) -> Self {
        Self { entry, action: entry.action(), before: entry.before(), after: entry.after(), when }
    }

    /// What follows the name of whoever did it.
    pub fn words(&self) -> Vec<Piece> {
        const UNKNOWN: &str = "did what only a newer version of this portal can tell";
        sentence(self.action.map_or(UNKNOWN, |action| action.words()), |source| match source {
            Source::Subject => Some(self.subject()),
            Source::Before(field) => self.side(&self.before, field),
            Source::After(field) => self.side(&self.after, field),
            Source::Changed => Some(changed(&self.before, &self.after)),
        })
    }

    /// The same as plain text.
    pub fn text(&self) -> String {
        self.words().into_iter().map(|piece| piece.text).collect()
    }

    /// What was changed that the words do not say.
    pub fn differences(&self) -> Vec<Difference> {
        let said: Vec<Source<'_>> = self.action.map(|action| sources(action.words()).collect()).unwrap_or_default();
        self.fields()
            .filter(|field| !said.contains(&Source::Before(field)) && !said.contains(&Source::After(field)))
            .filter_map(|field| self.difference(field))
            // What it is about is said already.
            .filter(|difference| !(difference.before.is_empty() && difference.after == self.entry.subject_name))
            .collect()
    }

    /// What was changed, said or not.
    pub fn sides(&self) -> Vec<Difference> {
        self.fields().filter_map(|field| self.difference(field)).collect()
    }

    /// The keys of the fields that pages show, those of both sides.
    fn fields(&self) -> impl Iterator<Item = &str> {
        let fields: BTreeSet<&String> = self.before.keys().chain(self.after.keys()).collect();
        let is_person = self.before.contains_key("user") || self.after.contains_key("user");
        let is_shown = move |field: &&str| !(is_internal(field) || is_person && *field == "name");
        fields.into_iter().map(String::as_str).filter(is_shown)
    }

    /// `None` where both sides read the same.
    fn difference(&self, field: &str) -> Option<Difference> {
        let (before, after) = (self.before.get(field), self.after.get(field));
        if before == after {
            return None;
        }
        let of = |side: Option<&Value>| side.map(|value| readable(field, value, self.when)).unwrap_or_default();
        let (before, after) = (of(before), of(after));
        (before != after).then(|| Difference { name: name(field), before, after })
    }

    fn subject(&self) -> String {
        if self.entry.subject_id == self.entry.actor_id && !self.entry.actor_id.is_empty() {
            return "themselves".to_owned();
        }
        self.entry.subject_name.clone()
    }

    fn side(&self, side: &Fields, field: &str) -> Option<String> {
        // "Took a seat" needs no name where it is the own one.
        let is_own = side.get("user").and_then(Value::as_str).is_some_and(|user| user == self.entry.actor_id);
        side.get(field).filter(|_| !(field == "name" && is_own)).map(|value| readable(field, value, self.when))
    }
}

/// The names of the fields that differ, as a list in a sentence.
fn changed(before: &Fields, after: &Fields) -> String {
    const MOST: usize = 3;
    let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let names: Vec<String> =
        fields.into_iter().filter(|field| before.get(*field) != after.get(*field)).map(|field| name(field)).collect();
    match names.len().checked_sub(MOST) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MOST].join(", ")),
    }
}

/// What only the portal itself reads: ids and the hash of a picture.
fn is_internal(field: &str) -> bool {
    matches!(field, "user" | "ids" | "payment" | "logo")
}

/// What pages call a field.
fn name(field: &str) -> String {
    let known = match field {
        "ends_at" => "Valid until",
        "support_until" => "Support & Upgrade until",
        "with" => "After the term until",
        "next" => "Tried again",
        "tax_id" => "VAT or tax number",
        "zip" => "Postal code",
        "language" => "Preferred language",
        "email" => "Email address",
        "balance" => "Balance",
        "news_accepted" => "Accepted invitations",
        "news_declined" => "Declined invitations",
        "news_new_owners" => "New Owners",
        "expiring" => "Expiring licences",
        "expired" => "Expired licences",
        "low_credits" => "Low credit balance",
        "payments" => "Failed payments",
        "below" => "Told below",
        "last_four" => "Last digits",
        "invitation_domains" => "Domains that can be invited",
        "requires_two_factor" => "Two-factor authentication required",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let words = field.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn readable(field: &str, value: &Value, when: &Moments<'_>) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => match number.as_i64() {
            // Spent credits are stored below zero; the words say that they were spent.
            Some(number) if field == "amount" || number >= 0 => grouped(number.unsigned_abs()),
            Some(number) => format!("−{}", grouped(number.unsigned_abs())),
            None => number.to_string(),
        },
        Value::String(text) => of_text(field, text, when),
        Value::Array(values) => values.iter().map(|value| readable(field, value, when)).collect::<Vec<_>>().join("; "),
        Value::Object(_) => value.to_string(),
    }
}

fn of_text(field: &str, text: &str, when: &Moments<'_>) -> String {
    let moment = || text.parse::<DateTime<Utc>>().ok().map(Timestamp::from);
    let known = match field {
        "role" => Role::parse(text).map(|role| role.to_string()),
        "country" => country_name(text).map(str::to_owned),
        "industry" => label(INDUSTRIES, text).map(str::to_owned),
        "language" => label(LANGUAGES, text).map(str::to_owned),
        "invitation_domains" => Some(text.replace(' ', ", ")),
        "session_length" => text.parse::<SessionLength>().ok().map(|length| length.label().to_owned()),
        "term" => text.parse::<Term>().ok().map(|term| term.label().to_owned()),
        // The end is the first moment that is not valid any more.
        "ends_at" | "support_until" | "with" => moment().map(|at| when(at).last_day().short()),
        "next" => moment().map(|at| when(at).exact()),
        "why" | "problem" | "kind" => Some(reason(text)),
        _ => None,
    };
    known.unwrap_or_else(|| text.to_owned())
}

fn reason(key: &str) -> String {
    match key {
        "declined" => "the payment was declined",
        "no_method" => "there is nothing to pay with",
        "not_sold" => "the package is not sold any more",
        "currency" => "the package is not sold in the currency of the monthly limit",
        "business" => "Business",
        "individual" => "Individual",
        other => other,
    }
    .to_owned()
}
