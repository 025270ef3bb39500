//! What differs between the catalogue that is stored and a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use serde_json::Value;

use super::entries::{Kind, Row};
use super::file::Entry;
use crate::money::{Currency, Money};

/// A field of an entry, before and after. Empty where it is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Added,
    Changed(Vec<Field>),
    /// It was taken from sale before.
    BackOnSale(Vec<Field>),
    Withdrawn,
    /// The entries of this kind stand in another order.
    Reordered,
}

/// One difference. It is written as a line for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub kind: Kind,
    /// Empty where it concerns all of the kind.
    pub key: String,
    pub what: What,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, key) = (self.kind.words(), &self.key);
        let fields = match &self.what {
            What::Added => return write!(f, "+ {kind} {key}"),
            What::Withdrawn => return write!(f, "- {kind} {key}: taken from sale"),
            What::Reordered => return write!(f, "~ {kind}: in another order"),
            What::Changed(fields) => {
                write!(f, "~ {kind} {key}:")?;
                fields
            }
            What::BackOnSale(fields) => {
                write!(f, "+ {kind} {key}: for sale again")?;
                fields
            }
        };
        for (at, Field { name, before, after }) in fields.iter().enumerate() {
            let separator = if at == 0 && matches!(self.what, What::Changed(_)) { "" } else { ";" };
            let shown = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
            write!(f, "{separator} {name} {} → {}", shown(before), shown(after))?;
        }
        Ok(())
    }
}

/// What importing a file would do.
pub fn between(stored: &[Row], file: &[Entry]) -> Vec<Difference> {
    let known: HashMap<(Kind, &str), &Row> = stored.iter().map(|row| ((row.kind, row.key.as_str()), row)).collect();
    let kept: BTreeSet<(&str, &str)> = file.iter().map(|entry| (entry.kind.into(), entry.key.as_str())).collect();
    let on_sale = || stored.iter().filter(|row| row.on_sale);
    let mut found: Vec<Difference> =
        file.iter().filter_map(|entry| of_entry(known.get(&entry.place()), entry)).collect();
    found.extend(on_sale().filter(|row| !kept.contains(&(row.kind.into(), &row.key))).map(|row| Difference {
        kind: row.kind,
        key: row.key.clone(),
        what: What::Withdrawn,
    }));
    for kind in [Kind::Product, Kind::Plan, Kind::CreditPackage] {
        let before: Vec<&str> = on_sale().filter(|row| row.kind == kind).map(|row| row.key.as_str()).collect();
        let after: Vec<&str> = file.iter().filter(|entry| entry.kind == kind).map(|entry| entry.key.as_str()).collect();
        let both = |keys: &[&str], others: &[&str]| -> Vec<String> {
            keys.iter().filter(|key| others.contains(key)).map(|key| (*key).to_owned()).collect()
        };
        if both(&before, &after) != both(&after, &before) {
            found.push(Difference { kind, key: String::new(), what: What::Reordered });
        }
    }
    found
}

fn of_entry(stored: Option<&&Row>, entry: &Entry) -> Option<Difference> {
    let what = match stored {
        None => What::Added,
        Some(row) => {
            let fields = fields(&row.content, &entry.content);
            match row.on_sale {
                false => What::BackOnSale(fields),
                true if fields.is_empty() => return None,
                true => What::Changed(fields),
            }
        }
    };
    Some(Difference { kind: entry.kind, key: entry.key.clone(), what })
}

/// The fields that differ between two JSON objects.
fn fields(before: &str, after: &str) -> Vec<Field> {
    let (before, after) = (leaves(before), leaves(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let shown = |side: &BTreeMap<String, String>, name: &String| side.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .map(|name| Field { name: name.clone(), before: shown(&before, name), after: shown(&after, name) })
        .filter(|field| field.before != field.after)
        .collect()
}

/// The values of a JSON object by their paths, as operators read them.
fn leaves(content: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect("", &serde_json::from_str(content).unwrap_or_default(), &mut found);
    found
}

fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(&path, value, found);
            }
            return;
        }
        Value::Null => return,
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("; "),
        value => amount(path, value).unwrap_or_else(|| plain(value)),
    };
    found.insert(path.to_owned(), text);
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("“{text}”"))
}

/// What stands under a currency is an amount in it.
fn amount(path: &str, value: &Value) -> Option<String> {
    let currency: Currency = path.rsplit('.').next()?.parse().ok()?;
    Some(Money { minor: value.as_i64()?, currency }.to_string())
}
