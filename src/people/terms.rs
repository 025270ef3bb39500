//! The terms of an entry of the directory: where it stands in each order of the list, and every beginning at which it is found.
//!
//! All of them are folded to ASCII. A term of an order begins with a control character, which no folded text holds, so each order is
//! one range of the index, and so is whatever begins with a word.

use chrono::NaiveDate;

use crate::access::Role;
use crate::names::fold;
use crate::time::Timestamp;

/// Between a folded text and the id that makes it unique. Sorts before everything that can stand in a name.
const SEPARATOR: char = '\u{1f}';
/// The longest term kept, in characters.
const TERM_LENGTH: usize = 80;
/// The shortest end of a word that is found by itself, in characters: `for` of Okafor.
const SHORTEST_END: usize = 3;
/// How many words of a name are found, how many parts of an address, and how many words are looked for at once.
const WORDS: usize = 6;

/// What the list is ordered by, by the key that addresses carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Sort {
    #[default]
    Name,
    /// Owners first, then by name.
    Role,
    /// Who came first is first; an invitation stands where it was sent last.
    Joined,
    /// To the day, then by name. Who was never there is first.
    LastActive,
}

impl Sort {
    pub fn key(self) -> &'static str {
        self.into()
    }

    fn mark(self) -> char {
        match self {
            Self::Name => '\u{1}',
            Self::Role => '\u{2}',
            Self::Joined => '\u{3}',
            Self::LastActive => '\u{4}',
        }
    }
}

/// What the terms of an entry are made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Empty for an invitation.
    pub name: &'a str,
    pub email: &'a str,
    pub role: Role,
    /// When somebody joined, or was sent their invitation last.
    pub since: Timestamp,
    pub last_active: Option<NaiveDate>,
}

impl<'a> Facts<'a> {
    pub fn of_invitation(email: &'a str, role: Role, sent_at: Timestamp) -> Self {
        Self { name: "", email, role, since: sent_at, last_active: None }
    }
}

/// A range of terms: from the first one, to the one past the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: String,
    pub to: String,
}

impl Span {
    /// Everybody, in an order.
    pub fn of_order(sort: Sort) -> Self {
        Self::beginning_with(sort.mark().to_string())
    }

    fn beginning_with(from: String) -> Self {
        // The last character's successor, not "whatever sorts last": a term may hold that, too. Terms are ASCII, so there is one.
        let mut to = from.clone();
        let last = to.pop().map_or('\u{1}', |last| char::from_u32(u32::from(last) + 1).unwrap_or(char::MAX));
        to.push(last);
        Self { from, to }
    }

    pub fn contains(&self, term: &str) -> bool {
        self.from.as_str() <= term && term < self.to.as_str()
    }
}

/// The ranges of what was typed, a word each, the longest and so mostly the rarest first. Empty where there is nothing to look for.
pub fn searched(typed: &str) -> Vec<Span> {
    let text = plain(typed);
    let words = text.split(' ').map(|word| word.trim_matches([',', ';']));
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words.truncate(WORDS);
    words.into_iter().map(|word| Span::beginning_with(cut(word))).collect()
}

/// Where an entry stands among those whose role or day is the same: by its name, or by its address where it has no name yet.
pub struct Standing(String);

impl Standing {
    fn of(facts: &Facts<'_>, id: &str) -> Self {
        let name = fold(facts.name);
        let listed = if name.is_empty() { fold(facts.email) } else { name };
        Self(unique(&cut(&listed), id))
    }

    /// Of an entry whose term of [`Sort::Name`] is known.
    pub fn of_term(term: &str) -> Self {
        Self(term.trim_start_matches(Sort::Name.mark()).to_owned())
    }

    fn by_name(&self) -> String {
        format!("{}{}", Sort::Name.mark(), self.0)
    }

    pub fn by_role(&self, role: Role) -> String {
        let rank = Role::Owner as u8 - role as u8;
        format!("{}{rank}{}", Sort::Role.mark(), self.0)
    }

    pub fn by_since(&self, since: Timestamp) -> String {
        format!("{}{} {}", Sort::Joined.mark(), since.to_utc().format("%Y-%m-%dT%H:%M:%S%.6f"), self.0)
    }

    pub fn by_last_active(&self, day: Option<NaiveDate>) -> String {
        let day = day.map(|day| day.to_string()).unwrap_or_default();
        format!("{}{day} {}", Sort::LastActive.mark(), self.0)
    }
}

/// All terms of an entry.
pub fn all(facts: &Facts<'_>, id: &str) -> Vec<String> {
    let standing = Standing::of(facts, id);
    let mut found: Vec<String> =
        beginnings(facts.name, facts.email).iter().map(|term| unique(&cut(term), id)).collect();
    found.sort();
    found.dedup();
    found.extend([
        standing.by_name(),
        standing.by_role(facts.role),
        standing.by_since(facts.since),
        standing.by_last_active(facts.last_active),
    ]);
    found
}

fn unique(text: &str, id: &str) -> String {
    format!("{text}{SEPARATOR}{id}")
}

fn cut(text: &str) -> String {
    text.chars().take(TERM_LENGTH).collect()
}

/// What is searched: folded, and without the marks that people leave out or type in another way.
fn plain(text: &str) -> String {
    let mut plain = fold(text);
    plain.retain(|character| !matches!(character, '\'' | '`' | '"'));
    plain
}

/// Everything that begins a word of the name or a part of the address, each followed by what stands behind it; and the ends of words.
fn beginnings(name: &str, email: &str) -> Vec<String> {
    let mut found = Vec::new();
    let spelled = fold(name);
    let words: Vec<&str> = spelled.split(' ').filter(|word| !word.is_empty()).collect();
    // Transliterated as German and Danish do it. Of another script a word may become several: then there is no such spelling.
    let long = fold(&with_digraphs(name));
    let long: Vec<&str> = long.split(' ').filter(|word| !word.is_empty()).collect();
    for at in 0..words.len().min(WORDS) {
        // The words before stand behind: `okafor marcus` is in order with the other Okafors.
        let rest = plain(&[&words[at + 1..], &words[..at]].concat().join(" "));
        for spelling in spellings(words[at], long.get(at).filter(|_| long.len() == words.len()).copied()) {
            found.push(format!("{spelling} {rest}").trim_end().to_owned());
        }
    }
    let email = plain(email);
    let local = email.split('@').next().unwrap_or_default();
    let names = words.iter().map(|word| plain(word));
    for word in names.chain(local.split(['.', '-', '_', '+']).map(str::to_owned)).take(WORDS) {
        found.extend((1..(word.len() + 1).saturating_sub(SHORTEST_END)).map(|at| word[at..].to_owned()));
    }
    found.extend(parts(&email));
    found
}

/// The ways in which a word of a name may be typed, and the parts of it that somebody may begin with.
fn spellings(word: &str, long: Option<&str>) -> Vec<String> {
    let mut found = vec![plain(word)];
    for (at, separator) in word.char_indices().filter(|(_, character)| !character.is_ascii_alphanumeric()).take(WORDS) {
        found.push(plain(&word[at + separator.len_utf8()..]));
    }
    found.extend(long.map(plain));
    found.push(without_digraphs(&plain(word)));
    found.retain(|spelling| !spelling.is_empty());
    found
}

fn with_digraphs(name: &str) -> String {
    let mut long = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            'ä' | 'Ä' => long.push_str("ae"),
            'ö' | 'Ö' | 'ø' | 'Ø' => long.push_str("oe"),
            'ü' | 'Ü' => long.push_str("ue"),
            'å' | 'Å' => long.push_str("aa"),
            other => long.push(other),
        }
    }
    long
}

/// `mueller` as it is folded where it is written `Müller`.
fn without_digraphs(word: &str) -> String {
    word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
}

/// An address from each of its parts on, and from its `@` on.
fn parts(email: &str) -> Vec<String> {
    let mut found = vec![email.to_owned()];
    let starts = email.char_indices().filter(|(_, character)| ".-_+@".contains(*character));
    for (at, separator) in starts.take(WORDS) {
        let rest = &email[at + separator.len_utf8()..];
        // The last part alone, such as "com", would find half of all people.
        if rest.contains(['.', '@']) {
            found.push(rest.to_owned());
        }
        if separator == '@' {
            found.push(email[at..].to_owned());
        }
    }
    found.retain(|part| !part.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_found(name: &str, email: &str, typed: &str) -> bool {
        let found = beginnings(name, email);
        searched(typed).iter().all(|span| found.iter().any(|term| span.contains(term)))
    }

    #[test]
    fn a_person_is_found_by_any_words_of_name_and_address_in_any_order_and_spelling() {
        for (name, email, typed) in [
            ("Zoë Ångström-Müller", "zoe.mueller@survey.example.com", "zoë|Zoe Ang|ÅNGSTRÖM|muller|mueller|aangstroem"),
            (
                "Zoë Ångström-Müller",
                "zoe.mueller@survey.example.com",
                "zoe.m|mueller@|survey|example|@survey|zoe survey",
            ),
            (
                "Marcus Okafor",
                "m@example.com",
                "okafor marcus|marcus o|Okafor, M|mar oka|okafor example.com|kafor|rcu for",
            ),
            ("Anna Maria de la Cruz", "a@example.com", "cruz maria|la cruz anna|cruz a"),
            ("Liam O’Sullivan", "l@example.com", "O'Sullivan|O’Sullivan|osullivan|sullivan|o sullivan liam"),
            ("Jörg Mueller", "j@example.com", "müller|muller|mueller|joerg|jorg|Jörg"),
            ("Søren Straße", "s@example.com", "soren|soeren|SØREN|strasse|straße"),
            ("Сергей Иванов", "i@example.com", "сергей|ivanov|Иванов Сер"),
            ("Pat O'Neil", "pat.o'neil@example.com", "pat.o'neil@|pat.oneil@example.com"),
        ] {
            for typed in typed.split('|') {
                assert!(is_found(name, email, typed), "{typed} is not among {:?}", beginnings(name, email));
            }
        }
        for typed in ["com", "okafor anna", "marcuso", "or"] {
            assert!(!is_found("Marcus Okafor", "m@example.com", typed), "{typed}");
        }
    }

    #[test]
    fn an_order_of_the_list_is_never_mistaken_for_a_word() {
        let name = "\u{1}\u{4} Zoe";
        assert!(beginnings(name, "z@example.com").iter().all(|term| term.bytes().all(|byte| byte >= b' ')));
        assert!(searched(" \u{1} ").is_empty() && searched("’").is_empty());
    }
}
