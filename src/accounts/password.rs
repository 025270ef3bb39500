//! Which new passwords are accepted.

use std::collections::HashSet;
use std::sync::LazyLock;

use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

use crate::demo_accounts::DEMO_PASSWORD;
use crate::names::fold;
use crate::passwords::LONGEST;

/// The shortest password, in characters.
pub const SHORTEST: usize = 12;

/// Passwords that attackers try first, at least [`SHORTEST`] long, lower-cased.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
});

/// Words of this product, which attackers of this product try.
const PRODUCT: [&str; 2] = ["portico", "demo"];

/// What is wrong with a new password, if anything. `personal` are words of which it must not consist: names and the address.
///
/// A password is taken byte for byte as it is typed: nothing is cut off, folded or normalised (ASVS 6.2.8).
pub fn problem(password: &str, personal: &[&str]) -> Option<String> {
    rule_broken(password, personal).map(str::to_owned).or_else(|| weakness(password, personal))
}

/// What is wrong by a rule that can be said in advance.
fn rule_broken(password: &str, personal: &[&str]) -> Option<&'static str> {
    let folded = password.to_lowercase();
    if password.chars().count() < SHORTEST {
        Some("Use at least 12 characters.")
    } else if password.len() > LONGEST {
        Some("Use at most 1,024 bytes.")
    } else if COMMON.contains(folded.as_str()) || folded == DEMO_PASSWORD || is_monotonous(&folded) {
        Some("This password is among the first that attackers try. Choose another one.")
    } else if is_personal(&folded, personal) {
        Some(
            "This password is little more than your name, your address or the name of this portal. Choose another one.",
        )
    } else if repeated(&folded).chars().count() < SHORTEST {
        Some("This password repeats itself: it is only as good as the part that it repeats. Choose another one.")
    } else {
        None
    }
}

/// How many characters of a password are judged: more cannot make it weaker, and would take long.
const JUDGED: usize = 64;

/// What makes a password one that would be guessed soon, if anything, with what would make it better.
fn weakness(password: &str, personal: &[&str]) -> Option<String> {
    let judged: String = password.chars().take(JUDGED).collect();
    let words: Vec<&str> = personal.iter().flat_map(|text| text.split(['@', '.', ' '])).chain(PRODUCT).collect();
    let entropy = zxcvbn(&judged, &words);
    (entropy.score() < Score::Three).then(|| advice(entropy.feedback()))
}

/// In words: zxcvbn's own are known to people from elsewhere.
fn advice(feedback: Option<&Feedback>) -> String {
    let mut sentences = vec!["This password would be guessed soon.".to_owned()];
    if let Some(feedback) = feedback {
        sentences.extend(feedback.warning().map(|warning| warning.to_string()));
        sentences.extend(feedback.suggestions().iter().map(ToString::to_string));
    }
    sentences.join(" ")
}

/// The shortest part that the text consists of, over and over; all of it where it does not.
fn repeated(text: &str) -> &str {
    let is_part = |length: &usize| {
        text.len().is_multiple_of(*length)
            && text.is_char_boundary(*length)
            && text.as_bytes().chunks(*length).all(|chunk| chunk == &text.as_bytes()[..*length])
    };
    let length = (1..=text.len()).find(is_part).unwrap_or(text.len());
    &text[..length]
}

/// The shortest word that is looked for in a password, in bytes.
const SHORTEST_WORD: usize = 3;
/// What must be left of a password without such words, in letters and digits.
const MUST_BE_LEFT: usize = 8;

/// Whether little is left without the words of names, of the address and of the product.
fn is_personal(password: &str, personal: &[&str]) -> bool {
    let folded = fold(password);
    let is_separator = |character: char| !character.is_ascii_alphanumeric();
    let texts: Vec<String> = personal.iter().map(|text| fold(text)).collect();
    let words = texts.iter().flat_map(|text| text.split(is_separator)).chain(PRODUCT);
    let mut words: Vec<&str> = words.filter(|word| word.len() >= SHORTEST_WORD).collect();
    // The longest first: `ann` must not be taken out of `annabell`.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = folded.clone();
    for word in words {
        left = left.replace(word, "");
    }
    let is_found = left.len() < folded.len();
    is_found && (left.chars().filter(char::is_ascii_alphanumeric).count() < MUST_BE_LEFT || is_monotonous(&left))
}

/// Fewer than four different characters, such as `aaaaaaaaaaaa` or `121212121212`.
fn is_monotonous(password: &str) -> bool {
    password.chars().collect::<HashSet<_>>().len() < 4
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: [&str; 4] = ["Ann", "Bell", "Bell Towers Ltd", "ann.bell@example.com"];

    #[test]
    fn passwords_about_the_person_or_the_product_are_refused() {
        for password in [
            "annbell12345",
            "Bell-Towers-2026",
            "ann.bell@example.com",
            "Portico2026!!",
            "portico-demo-2027",
            "Ännbell!!!Ann1",
            "AnnBell11111111",
        ] {
            let problem = problem(password, &ANN).unwrap_or_else(|| panic!("{password}"));
            assert!(problem.contains("little more than"), "{password}: {problem}");
        }
        for password in ["AnnBellAnnBell", "tower7tower7", "abcdefabcdefabcdef", "überüberüber"] {
            let problem = problem(password, &[]).unwrap_or_else(|| panic!("{password}"));
            assert!(problem.contains("repeats itself"), "{password}: {problem}");
        }
        assert!(problem("portico-demo-2026", &[]).is_some_and(|problem| problem.contains("attackers")));
    }

    #[test]
    fn a_sentence_is_taken_whoever_it_names() {
        for password in [
            "seven lanterns by the sea",
            "Ann likes tall ships",
            "bell839201748362",
            "a portico with nine columns",
            "correct horse correct horse ",
            "ясный день над морем",
        ] {
            assert_eq!(problem(password, &ANN), None, "{password}");
        }
    }

    #[test]
    fn what_would_be_guessed_soon_is_refused_with_advice() {
        for password in ["passwordpassw0rd", "qwertyuiop[]", "abcdefghijklmnop", "1qaz2wsx3edc"] {
            assert!(problem(password, &[]).is_some(), "{password}");
        }
        let problem = problem("monkeydragon1", &[]).expect("two of the commonest words");
        assert!(problem.starts_with("This password would be guessed soon."), "{problem}");
        assert!(problem.contains("Add another word or two."), "{problem}");
        // However long it is, it is judged in a moment.
        assert_eq!(super::problem(&"a quiet harbour at dawn, ".repeat(40), &[]), None);
        assert_eq!(super::problem(&format!("{}x", "seven lanterns by the sea ".repeat(38)), &[]), None);
    }
}
