//! The directory: the list of people, and finding them by the beginning of any word of their name or address, at the same cost
//! in an Organization of ten and of a hundred thousand.
//!
//! Each person and each open invitation has a few terms, folded (lower case, without accents): one that the list is ordered by,
//! the name from each of its words on, and the address from each of its parts on. The list is one range of an index, a search
//! is another: all terms that begin with what was typed.

use diesel::prelude::*;

use crate::access::Role;
use crate::db::{DbError, WriteTx};
use crate::ids::OrganizationId;
use crate::names::fold;
use crate::schema::people_terms;

/// Between a folded text and the id that makes it unique. Sorts before everything that can stand in a name.
const SEPARATOR: char = '\u{1f}';
/// In front of the term that the list is ordered by. Folded text never contains it.
const LISTED: char = '\u{1}';
/// The longest term kept, in characters.
const TERM_LENGTH: usize = 80;
/// How many words of a name are searchable beginnings.
const WORDS: usize = 6;

/// What an entry of the directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Member,
    Invitation,
}

impl Kind {
    pub fn key(self) -> &'static str {
        match self {
            Kind::Member => "member",
            Kind::Invitation => "invitation",
        }
    }
}

/// The first and the one-past-last term of everything that begins with `search`; of the whole list where it is empty.
pub fn range(search: &str) -> (String, String) {
    let folded: String = fold(search).chars().take(TERM_LENGTH).collect();
    let from = if folded.is_empty() { LISTED.to_string() } else { folded };
    // The last character's successor, not "whatever sorts last": a term may hold that, too. Terms are ASCII, so there is one.
    let mut to = from.clone();
    let last = to.pop().map_or('\u{1}', |last| char::from_u32(u32::from(last) + 1).unwrap_or(char::MAX));
    to.push(last);
    (from, to)
}

/// All terms of a person: where they stand in the list, and every beginning at which they can be found.
fn terms(name: &str, email: &str) -> Vec<String> {
    let mut found = Vec::new();
    let name = fold(name);
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    for start in 0..words.len().min(WORDS) {
        found.push(words[start..].join(" "));
    }
    let email = fold(email);
    found.push(email.clone());
    let starts = email.char_indices().filter(|(_, character)| ".-_+@".contains(*character));
    for (at, separator) in starts.take(WORDS) {
        let rest = &email[at + separator.len_utf8()..];
        // "com" finds everybody and therefore nobody.
        if rest.contains(['.', '@']) {
            found.push(rest.to_owned());
        }
    }
    for term in &mut found {
        *term = term.chars().take(TERM_LENGTH).collect();
    }
    found.retain(|term| !term.is_empty());
    found.sort();
    found.dedup();
    // An invitation has no name yet: it stands in the list where its address belongs.
    let listed: String = if name.is_empty() { &email } else { &name }.chars().take(TERM_LENGTH).collect();
    found.push(format!("{LISTED}{listed}"));
    found
}

/// Makes a person or an invitation findable. `entry` is the id of the membership or invitation.
pub fn add(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    (kind, entry): (Kind, &str),
    role: Role,
    name: &str,
    email: &str,
) -> Result<(), DbError> {
    for term in terms(name, email) {
        diesel::insert_into(people_terms::table)
            .values((
                people_terms::organization_id.eq(organization),
                people_terms::kind.eq(kind.key()),
                people_terms::term.eq(format!("{term}{SEPARATOR}{entry}")),
                people_terms::entry_id.eq(entry),
                people_terms::role.eq(role),
            ))
            .execute(tx.connection)?;
    }
    Ok(())
}

pub fn remove(tx: &mut WriteTx, entry: &str) -> Result<(), DbError> {
    diesel::delete(people_terms::table.filter(people_terms::entry_id.eq(entry))).execute(tx.connection)?;
    Ok(())
}

pub fn set_role(tx: &mut WriteTx, entry: &str, role: Role) -> Result<(), DbError> {
    diesel::update(people_terms::table.filter(people_terms::entry_id.eq(entry)))
        .set(people_terms::role.eq(role))
        .execute(tx.connection)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_found_by_any_word_of_name_and_address() {
        let found = terms("Zoë Ångström-Müller", "zoe.mueller@survey.example.com");
        for search in ["zoë", "Zoe Ang", "ÅNGSTRÖM", "zoe.m", "mueller@", "survey", "example"] {
            let (from, to) = range(search);
            assert!(found.iter().any(|term| *term >= from && *term < to), "{search} is not among {found:?}");
        }
        assert!(!found.contains(&"com".to_owned()));
    }
}
