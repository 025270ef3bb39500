//! Names of people and Organizations: whole, shortened, folded for searching, and as a part of an address.

use deunicode::deunicode_with_tofu;
use icu_properties::props::{
    BinaryProperty, DefaultIgnorableCodePoint, EnumeratedProperty, GeneralCategory, VariationSelector,
};

/// First and last name as one, without white space where one of them is missing.
pub fn full_name(first_name: &str, last_name: &str) -> String {
    format!("{first_name} {last_name}").trim().to_owned()
}

/// How many colours there are for names: the classes `hue-1` and so on of `avatar.css`.
const HUES: u32 = 6;

/// What stands for a name that has no picture: the first letters of its first and last word, and a colour of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initials {
    letters: String,
    hue: u32,
}

impl Initials {
    pub fn of(name: &str) -> Self {
        let mut words = name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        let letters = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
        // FNV-1a: the same on every process and in every version, which the standard library does not promise of its own.
        let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { letters, hue: (hash >> 8) % HUES + 1 }
    }

    /// 1 to 6, always the same for one name.
    pub fn hue(&self) -> u32 {
        self.hue
    }
}

impl std::fmt::Display for Initials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.letters)
    }
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

/// A name as it is stored: single spaces, and nothing that cannot be seen. Bidirectional controls, tags, fillers and zero-width
/// characters would make two names look the same, one look empty, or turn what stands around it.
pub fn visible(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    for character in name.chars() {
        let before = kept.chars().next_back();
        if !is_invisible(character) || before.is_some_and(|before| shapes(character, before)) {
            kept.push(character);
        }
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_invisible(character: char) -> bool {
    character.is_control() && !character.is_whitespace()
        || DefaultIgnorableCodePoint::for_char(character)
        || GeneralCategory::for_char(character) == GeneralCategory::Format
}

/// Whether an invisible character belongs to the letter before it: Persian and Indic names are written with joiners and
/// non-joiners, Japanese ones choose among forms of an ideograph.
fn shapes(character: char, before: char) -> bool {
    let is_joiner = matches!(character, '\u{200c}' | '\u{200d}');
    (is_joiner || VariationSelector::for_char(character))
        && (before.is_alphabetic() || GeneralCategory::for_char(before) == GeneralCategory::NonspacingMark)
        && !before.is_ascii()
        && !is_invisible(before)
}

/// Whether there is anything to read: a letter or a digit of any script.
pub fn is_readable(name: &str) -> bool {
    name.chars().any(char::is_alphanumeric)
}

/// Whether mail programs would make a link of some part: `example.com`, in whatever script and with whatever full stop. A dot with
/// white space behind it, an initial and a number are none.
pub fn has_domain(name: &str) -> bool {
    const LETTERS_OF_A_TOP_LEVEL: usize = 2;
    const FULL_STOPS: [char; 5] = ['.', '\u{2024}', '\u{3002}', '\u{ff0e}', '\u{ff61}'];
    let mut parts = name.split(FULL_STOPS);
    let mut before = parts.next().unwrap_or_default();
    parts.any(|part| {
        let is_label = before.ends_with(char::is_alphanumeric);
        before = part;
        is_label && part.chars().take_while(|letter| letter.is_alphabetic()).count() >= LETTERS_OF_A_TOP_LEVEL
    })
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
    fn what_cannot_be_seen_is_left_out_of_names() {
        for (name, stored) in [
            ("  Ada\u{2028} \t Lovelace\u{a0}", "Ada Lovelace"),
            ("\u{200b}\u{3164}\u{ad}\u{feff}\u{2060}\u{e0041}", ""),
            ("\u{202e}moc.live\u{202c}\u{2066}", "moc.live"),
            ("An\u{200d}na", "Anna"),
            ("\u{200c}\u{200d}", ""),
            ("علی\u{200c}رضا", "علی\u{200c}رضا"),
            ("علی\u{200c}\u{200c}رضا", "علی\u{200c}رضا"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("辻\u{e0100}", "辻\u{e0100}"),
            ("株式会社", "株式会社"),
        ] {
            assert_eq!(visible(name), stored, "{name:?}");
        }
    }

    #[test]
    fn links_are_known_by_their_domain() {
        for name in
            ["evil.com", "Go to evil-login.com/x", "a@b.example", "зло.рф", "1.example", "x。com", "evil.xn--p1ai"]
        {
            assert!(has_domain(name), "{name}");
        }
        for name in
            ["Acme Inc.", "J.R.R. Tolkien", "Dr. h.c. Müller", "Novo A/S", "No. 7.2", "St. John", "...com", "e.V."]
        {
            assert!(!has_domain(name), "{name}");
        }
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

    #[test]
    fn names_have_letters_and_a_colour_that_stays() {
        for (name, letters) in
            [("Aerial Survey Group", "AG"), ("  zoë ", "Z"), ("", ""), ("straße ß", "SSS"), ("株式 会社", "株会")]
        {
            assert_eq!(Initials::of(name).to_string(), letters, "{name}");
        }
        // A new version must not change them.
        assert_eq!(["Aerial Survey Group", "Northern Mapping"].map(|name| Initials::of(name).hue()), [5, 1]);
        let hues: std::collections::BTreeSet<u32> =
            (0..60).map(|n| Initials::of(&format!("Company {n}")).hue()).collect();
        assert_eq!(hues, (1..=HUES).collect());
    }
}
