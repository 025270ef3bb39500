//! What anybody typed, as it can be typeset.

use serde_json::Value;

use super::fonts::FONTS;

/// Stands where no font has the character: a document must not point to a letter that is in no font.
const UNKNOWN: char = char::REPLACEMENT_CHARACTER;
/// Where a line may end in a word.
const BREAK: char = '\u{200b}';
/// Words up to this many characters are not broken.
const LONG_WORD: usize = 30;
/// How many characters stand between two places to break.
const PIECE: usize = 12;

/// The same data, with texts that can be typeset.
pub(super) fn settable(data: &Value) -> Value {
    match data {
        Value::String(text) => Value::String(words(text)),
        Value::Array(values) => values.iter().map(settable).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), settable(value))).collect(),
        other => other.clone(),
    }
}

fn words(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let is_long = word.chars().count() > LONG_WORD;
        for (at, character) in word.chars().enumerate() {
            if is_long && at > 0 && at % PIECE == 0 {
                written.push(BREAK);
            }
            let is_there = character.is_whitespace() || FONTS.have(character);
            written.push(if is_there { character } else { UNKNOWN });
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_changed_where_they_cannot_be_typeset_and_nowhere_else() {
        let long = "a".repeat(31);
        for (text, expected) in [
            ("", ""),
            ("Zoë's  #image(\"x\") *bold*\u{a0}\n= heading", "Zoë's  #image(\"x\") *bold*\u{a0}\n= heading"),
            ("Smile 🙂 Ltd", "Smile \u{fffd} Ltd"),
            ("Donaudampfschifffahrtsgesell.", "Donaudampfschifffahrtsgesell."),
            (&long, "aaaaaaaaaaaa\u{200b}aaaaaaaaaaaa\u{200b}aaaaaaa"),
        ] {
            assert_eq!(settable(&Value::from(text)), Value::from(expected));
        }
        let data = serde_json::json!({ "a": ["🙂", 1, null, true], "🙂": { "b": "c" } });
        assert_eq!(settable(&data), serde_json::json!({ "a": ["\u{fffd}", 1, null, true], "🙂": { "b": "c" } }));
    }
}
