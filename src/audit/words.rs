//! The words of actions. In them, `{subject}`, `{before.role}` and `{after.role}` stand for what the row says, `{changed}` for the
//! names of the fields that differ, and what stands in brackets is left out where any of its values is missing.

/// What stands in braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    Subject,
    Before(&'a str),
    After(&'a str),
    Changed,
}

impl<'a> Source<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        match text {
            "subject" => Some(Self::Subject),
            "changed" => Some(Self::Changed),
            _ => match text.split_once('.')? {
                ("before", field) => Some(Self::Before(field)),
                ("after", field) => Some(Self::After(field)),
                _ => None,
            },
        }
    }
}

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether it comes from the row: it can be a name in any script.
    pub is_value: bool,
}

impl Piece {
    fn words(text: &str) -> Self {
        Self { text: text.to_owned(), is_value: false }
    }
}

/// Stands for a value that a row should have and has not.
const MISSING: &str = "…";

/// The sentence with the values that `value` knows.
pub fn sentence(words: &'static str, value: impl Fn(Source<'_>) -> Option<String>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while !rest.is_empty() {
        let (part, after) = match rest.find('[') {
            Some(0) => {
                let (inside, after) = rest[1..].split_once(']').unwrap_or((&rest[1..], ""));
                let (found, is_whole) = filled(inside, &value);
                if is_whole {
                    pieces.extend(found);
                }
                rest = after;
                continue;
            }
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        pieces.extend(filled(part, &value).0);
        rest = after;
    }
    pieces
}

/// A part without brackets, and whether all of its values are there.
fn filled(part: &str, value: &impl Fn(Source<'_>) -> Option<String>) -> (Vec<Piece>, bool) {
    let (mut pieces, mut is_whole, mut rest) = (Vec::new(), true, part);
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            pieces.push(Piece::words(before));
        }
        let (source, after) = after.split_once('}').unwrap_or((after, ""));
        let found = Source::parse(source).and_then(value).filter(|text| !text.is_empty());
        is_whole &= found.is_some();
        pieces.push(Piece { text: found.unwrap_or_else(|| MISSING.to_owned()), is_value: true });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::words(rest));
    }
    (pieces, is_whole)
}

/// What the words name.
pub fn sources(words: &str) -> impl Iterator<Item = Source<'_>> {
    words.split('{').skip(1).filter_map(|part| Source::parse(part.split_once('}')?.0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::audit::Action;

    fn text(words: &'static str, known: &[(&str, &str)]) -> String {
        let value = |source: Source<'_>| {
            let name = match source {
                Source::Subject => "subject".to_owned(),
                Source::Changed => "changed".to_owned(),
                Source::Before(field) => format!("before.{field}"),
                Source::After(field) => format!("after.{field}"),
            };
            known.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        };
        sentence(words, value).into_iter().map(|piece| piece.text).collect()
    }

    #[test]
    fn what_is_missing_is_left_out_with_its_brackets() {
        let words = "renewed {subject}[ from {before.ends_at}] until {after.ends_at}";
        let known = [("subject", "Mapper"), ("after.ends_at", "Friday"), ("before.ends_at", "Monday")];
        assert_eq!(text(words, &known), "renewed Mapper from Monday until Friday");
        assert_eq!(text(words, &known[..2]), "renewed Mapper until Friday");
        assert_eq!(text(words, &known[..1]), "renewed Mapper until …");
        assert_eq!(text("left[ as {before.role}]", &[]), "left");
    }

    #[test]
    fn the_words_of_every_action_can_be_read_and_no_key_stands_twice() {
        let mut keys = BTreeSet::new();
        for action in Action::ALL {
            let (key, words) = (action.as_ref(), action.words());
            assert!(keys.insert(key), "{key} stands twice");
            let count = |sign: char| words.matches(sign).count();
            assert_eq!((count('{'), count('[')), (count('}'), count(']')), "{key}: {words}");
            assert_eq!(sources(words).count(), count('{'), "{key} names what no row has: {words}");
            assert!(words.starts_with(char::is_lowercase) && !words.ends_with('.'), "{key}: {words}");
        }
    }
}
