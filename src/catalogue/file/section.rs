//! A table of the file and its fields. Reading never stops at a fault: it is noted, and something harmless is answered.

use std::ops::{Range, RangeInclusive};
use std::str::FromStr;

use strsim::osa_distance;
use strum::VariantArray;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Faults;
use super::values::{self, Wrong};

/// A table, such as `[plans.mapper-yearly]`.
pub(super) struct Section<'f, 't> {
    /// `plans.mapper-yearly`; empty for the file itself.
    pub(super) name: String,
    /// The last part of the name.
    pub(super) key: String,
    /// Where it begins, in bytes.
    pub(super) place: usize,
    table: &'f DeTable<'t>,
    faults: &'f Faults<'t>,
    /// What it may have, as far as it was asked for.
    known: Vec<&'static str>,
}

impl<'f, 't> Section<'f, 't> {
    pub(super) fn whole(table: &'f DeTable<'t>, faults: &'f Faults<'t>) -> Self {
        Self { name: String::new(), key: String::new(), place: 0, table, faults, known: Vec::new() }
    }

    fn below(&self, key: &str, place: usize, table: &'f DeTable<'t>) -> Self {
        let name = if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) };
        Self { name, key: key.to_owned(), place, table, faults: self.faults, known: Vec::new() }
    }

    pub(super) fn line(&self) -> usize {
        self.faults.line(self.place)
    }

    pub(super) fn fault(&self, place: usize, message: String) {
        self.faults.add(place, message);
    }

    fn value(&mut self, name: &'static str) -> Option<&'f Spanned<DeValue<'t>>> {
        self.known.push(name);
        self.table.get(name)
    }

    fn missing(&self, name: &str, instead: &str) {
        self.fault(self.place, format!("[{}] has no “{name}”: write {name} = {instead}", self.name));
    }

    /// The table of this name, which must be there.
    pub(super) fn section(&mut self, name: &'static str) -> Option<Self> {
        let Some(value) = self.value(name) else {
            self.fault(0, format!("there is no [{name}]: add it, with its fields below"));
            return None;
        };
        let (place, table) = (self.place_of(name), value.get_ref().as_table());
        if table.is_none() {
            self.fault(place, format!("“{name}” must be a table: write [{name}] and its fields below"));
        }
        table.map(|table| self.below(name, place, table))
    }

    /// The tables below the one of this name, in the order of the file. There may be none.
    pub(super) fn sections(&mut self, name: &'static str) -> Vec<Self> {
        if !self.table.contains_key(name) {
            self.known.push(name);
            return Vec::new();
        }
        let Some(parent) = self.section(name) else { return Vec::new() };
        let mut found = Vec::new();
        for (key, value) in parent.table {
            let (place, key) = (key.span().start, key.get_ref());
            match value.get_ref().as_table() {
                Some(table) => found.push(parent.below(key, place, table)),
                None => {
                    let message =
                        format!("“{key}” stands in [{name}] by itself: write [{name}.{key}] and its fields below");
                    parent.fault(place, message);
                }
            }
        }
        found.sort_by_key(|section| section.place);
        found
    }

    /// Where the name of a field stands; where the section begins, if it has no such field.
    fn place_of(&self, name: &str) -> usize {
        self.table.get_key_value(name).map_or(self.place, |(key, _)| key.span().start)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Refuses a field that there is only elsewhere.
    pub(super) fn refuse(&mut self, name: &'static str, why: &str) {
        self.known.push(name);
        if self.has(name) {
            self.fault(
                self.place_of(name),
                format!("[{}] must not have “{name}”: {why}; take the line out", self.name),
            );
        }
    }

    /// Reads the value of a field, if it is there; what is wrong with it is noted.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, Wrong>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let noted = |Wrong(instead)| {
            self.fault(value.span().start, format!("“{name}” of [{}] is not understood: write {instead}", self.name));
        };
        read(value.get_ref()).map_err(noted).ok()
    }

    /// The same where it must be there.
    pub(super) fn need<T>(
        &mut self,
        name: &'static str,
        example: &str,
        read: impl FnOnce(&DeValue<'t>) -> Result<T, Wrong>,
    ) -> Option<T> {
        if !self.has(name) {
            self.missing(name, example);
        }
        self.read(name, read)
    }

    /// A text of so many characters at the most.
    pub(super) fn text(&mut self, name: &'static str, most: usize) -> String {
        self.need(name, "\"…\"", |value| values::text(value, most)).unwrap_or_default()
    }

    pub(super) fn optional_text(&mut self, name: &'static str, most: usize) -> String {
        self.read(name, |value| values::text(value, most)).unwrap_or_default()
    }

    /// One of a closed list.
    pub(super) fn choice<T>(&mut self, name: &'static str) -> T
    where
        T: FromStr + VariantArray + Copy + Into<&'static str>,
    {
        let example = format!("\"{}\"", T::VARIANTS[0].into());
        self.need(name, &example, values::choice::<T>).unwrap_or(T::VARIANTS[0])
    }

    pub(super) fn number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> u32 {
        let least = *range.start();
        self.need(name, &least.to_string(), |value| values::number(value, range)).unwrap_or(least)
    }

    pub(super) fn optional_number(&mut self, name: &'static str, range: RangeInclusive<u32>) -> Option<u32> {
        self.read(name, |value| values::number(value, range))
    }

    /// Notes a list of keys, each of which must be one of `keys`.
    pub(super) fn keys(&mut self, name: &'static str, keys: &[String]) -> Vec<String> {
        let found: Vec<(String, Range<usize>)> = self.read(name, values::texts).unwrap_or_default();
        for (key, span) in &found {
            self.must_be_one_of(name, key, span.start, keys);
        }
        found.into_iter().map(|(key, _)| key).collect()
    }

    /// The key of something else, which must be there.
    pub(super) fn key_of(&mut self, name: &'static str, keys: &[String]) -> String {
        let key = self.text(name, values::KEY_LENGTH);
        if !key.is_empty() {
            self.must_be_one_of(name, &key, self.place_of(name), keys);
        }
        key
    }

    fn must_be_one_of(&self, name: &str, key: &str, place: usize, keys: &[String]) {
        if keys.iter().any(|known| known == key) {
            return;
        }
        let instead = match closest(key, keys.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean “{meant}”?"),
            None if keys.is_empty() => "there are none".to_owned(),
            None => format!("write one of {}", keys.join(", ")),
        };
        self.fault(place, format!("“{name}” of [{}] names “{key}”, which is not there: {instead}", self.name));
    }

    /// Ends it: whatever nobody asked for is a slip of the pen.
    pub(super) fn end(self) {
        for (key, _) in self.table {
            let (place, key) = (key.span().start, key.get_ref());
            if self.known.iter().any(|known| known == key) {
                continue;
            }
            let whose = if self.name.is_empty() { "the file".to_owned() } else { format!("[{}]", self.name) };
            let instead = match closest(key, self.known.iter().copied()) {
                Some(meant) => format!("did you mean “{meant}”?"),
                None => format!("it may have {}", self.known.join(", ")),
            };
            self.fault(place, format!("{whose} has “{key}”, which nothing reads: {instead}"));
        }
    }
}

/// What was probably meant.
fn closest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let with_distance = known.map(|known| (osa_distance(text, known), known));
    with_distance.filter(|(distance, _)| *distance <= 2).min().map(|(_, known)| known)
}
