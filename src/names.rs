//! Names of people and Organizations: whole, shortened, folded for searching, and as a part of an address.

use deunicode::deunicode_with_tofu;

/// First and last name as one, without white space where one of them is missing.
pub fn full_name(first_name: &str, last_name: &str) -> String {
    format!("{first_name} {last_name}").trim().to_owned()
}

/// The first letters of the first and the last word, for an avatar without a picture.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// What a text is searched and ordered by: lower-case ASCII with single spaces, other scripts transliterated. `Zoë  MÜLLER`
/// becomes `zoe muller`, `Łukasz` `lukasz` and `株式会社` `zhu shi hui she`. Empty where there is nothing to read.
pub fn fold(text: &str) -> String {
    let plain = deunicode_with_tofu(text, "").to_ascii_lowercase();
    let words = plain.split(|character: char| character.is_ascii_whitespace() || character.is_ascii_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The longest slug before something is put behind it, in bytes.
const SLUG_LENGTH: usize = 60;

/// `Müller & Söhne GmbH` becomes `muller-sohne-gmbh`. `None` for a name without anything that can stand in an address.
pub fn slug(name: &str) -> Option<String> {
    let folded = fold(name);
    let words = folded.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    slug.truncate(SLUG_LENGTH);
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// Whether a name holds a code point that is no character at all (Unicode 3.4, D14): nobody means one.
pub fn has_noncharacter(name: &str) -> bool {
    name.chars().map(u32::from).any(|code| code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_whatever_their_script() {
        for (name, folded) in [
            ("Zoë  MÜLLER", "zoe muller"),
            ("Łukasz", "lukasz"),
            ("Søren", "soren"),
            ("Đặng", "dang"),
            ("Straße", "strasse"),
            ("O’Sullivan", "o'sullivan"),
            ("株式会社", "zhu shi hui she"),
            ("\u{10ffff}\u{1}", ""),
        ] {
            assert_eq!(fold(name), folded, "{name}");
        }
    }

    #[test]
    fn slugs_hold_letters_and_digits_of_ascii() {
        assert_eq!(slug("Müller & Söhne GmbH").as_deref(), Some("muller-sohne-gmbh"));
        assert_eq!(slug("Łódź"), Some("lodz".to_owned()));
        assert_eq!(slug("Straße 7"), Some("strasse-7".to_owned()));
        assert_eq!(slug("…"), None);
        assert_eq!(slug(&"ab ".repeat(60)).unwrap().len(), 59);
    }

    #[test]
    fn code_points_that_are_no_characters_are_known() {
        for name in ["\u{ffff}", "a\u{10ffff}", "\u{fdd0}"] {
            assert!(has_noncharacter(name), "{name:?}");
        }
        for name in ["Ada", "株式会社", "🦄", "\u{fffd}", "\u{fdf0}"] {
            assert!(!has_noncharacter(name), "{name:?}");
        }
    }
}
