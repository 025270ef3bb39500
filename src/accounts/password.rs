//! Which new passwords are accepted.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::passwords::LONGEST;

/// The shortest password, in characters.
pub const SHORTEST: usize = 12;

/// Passwords that attackers try first, at least [`SHORTEST`] long, lower-cased.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
});

/// What is wrong with a new password, if anything. `personal` are words that it must not consist of: names and the address.
pub fn problem(password: &str, personal: &[&str]) -> Option<&'static str> {
    let folded = password.to_lowercase();
    let is_personal = |word: &&str| {
        let word = word.to_lowercase();
        !word.is_empty() && (folded == word || (word.len() >= 4 && folded.replace(word.as_str(), "").len() < 4))
    };
    if password.chars().count() < SHORTEST {
        Some("Use at least 12 characters.")
    } else if password.len() > LONGEST {
        Some("Use at most 1,024 bytes.")
    } else if COMMON.contains(folded.as_str()) || is_monotonous(&folded) {
        Some("This password is among the first that attackers try. Choose another one.")
    } else if personal.iter().any(is_personal) {
        Some("This password is your name or address. Choose another one.")
    } else {
        None
    }
}

/// Fewer than four different characters, such as `aaaaaaaaaaaa` or `121212121212`.
fn is_monotonous(password: &str) -> bool {
    password.chars().collect::<HashSet<_>>().len() < 4
}
