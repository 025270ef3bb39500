//! The directory: the list of people, and finding them by the beginning of any word of their name or address, at the same cost
//! in an Organization of ten and of a hundred thousand.
//!
//! Each person and each open invitation has a few terms, folded (lower case, without accents): one that the list is ordered by,
//! the name from each of its words on, and the address from each of its parts on. The list is one range of an index, a search
//! is another: all terms that begin with what was typed.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::access::Role;
use crate::db::{Db, DbError, TxContext, WriteTx};
use crate::ids::{InvitationId, MembershipId, OrganizationId};
use crate::names::{fold, full_name};
use crate::schema::{invitations, memberships, people_terms, users};

/// Between a folded text and the id that makes it unique. Sorts before everything that can stand in a name.
const SEPARATOR: char = '\u{1f}';
/// In front of the term that the list is ordered by. Folded text never contains it.
const LISTED: char = '\u{1}';
/// The longest term kept, in characters.
const TERM_LENGTH: usize = 80;
/// How many words of a name are searchable beginnings.
const WORDS: usize = 6;

/// What an entry of the directory is, by the key that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Member,
    Invitation,
}

/// An entry of the directory.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    Member(&'a MembershipId),
    Invitation(&'a InvitationId),
}

impl<'a> Entry<'a> {
    fn kind(self) -> Kind {
        match self {
            Self::Member(_) => Kind::Member,
            Self::Invitation(_) => Kind::Invitation,
        }
    }

    fn id(self) -> &'a str {
        match self {
            Self::Member(id) => id.as_str(),
            Self::Invitation(id) => id.as_str(),
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

/// Whether a range that begins with `from` is a search, not the whole list.
pub fn is_search(from: &str) -> bool {
    !from.starts_with(LISTED)
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
        // The last part alone, such as "com", would find half of all people.
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

#[derive(Insertable)]
#[diesel(table_name = people_terms)]
struct Row<'a> {
    organization_id: &'a OrganizationId,
    kind: &'static str,
    term: String,
    entry_id: &'a str,
    role: Role,
}

/// Makes a member or an invitation findable.
pub fn add(
    tx: &mut WriteTx,
    organization: &OrganizationId,
    entry: Entry<'_>,
    role: Role,
    name: &str,
    email: &str,
) -> Result<(), DbError> {
    let (kind, entry_id) = (entry.kind().into(), entry.id());
    for term in terms(name, email) {
        let term = format!("{term}{SEPARATOR}{entry_id}");
        let row = Row { organization_id: organization, kind, term, entry_id, role };
        diesel::insert_into(people_terms::table).values(row).execute(tx.connection)?;
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

/// How many are added in one transaction.
const BATCH: i64 = 500;

/// Adds the terms of everybody who has none: at the start of the program, after a migration that changes what terms are.
pub fn complete(db: &Db, context: &TxContext) -> Result<(), DbError> {
    let mut after = String::new();
    while let Some(last) = db.write(context, |tx| complete_members(tx, &after))? {
        after = last;
    }
    after.clear();
    while let Some(last) = db.write(context, |tx| complete_invitations(tx, &after))? {
        after = last;
    }
    Ok(())
}

/// Two processes that start at once add one after the other.
const COMPLETING: &str = "directory completion";

type MemberRow = (MembershipId, OrganizationId, Role, String, String, String);

/// One batch of members after an id. Answers the id of the last one.
fn complete_members(tx: &mut WriteTx, after: &str) -> Result<Option<String>, DbError> {
    tx.lock_name(COMPLETING)?;
    let rows: Vec<MemberRow> = memberships::table
        .inner_join(users::table)
        .filter(memberships::id.gt(after))
        .filter(not(exists(people_terms::table.filter(people_terms::entry_id.eq(memberships::id)))))
        .order(memberships::id)
        .limit(BATCH)
        .select((
            memberships::id,
            memberships::organization_id,
            memberships::role,
            users::first_name,
            users::last_name,
            users::email,
        ))
        .load(tx.connection)?;
    for (id, organization, role, first_name, last_name, email) in &rows {
        add(tx, organization, Entry::Member(id), *role, &full_name(first_name, last_name), email)?;
    }
    Ok(rows.last().map(|(id, ..)| id.to_string()))
}

/// The same for open invitations.
fn complete_invitations(tx: &mut WriteTx, after: &str) -> Result<Option<String>, DbError> {
    tx.lock_name(COMPLETING)?;
    let rows: Vec<(InvitationId, OrganizationId, Role, String)> = invitations::table
        .filter(invitations::id.gt(after))
        .filter(invitations::closed_at.is_null())
        .filter(not(exists(people_terms::table.filter(people_terms::entry_id.eq(invitations::id)))))
        .order(invitations::id)
        .limit(BATCH)
        .select((invitations::id, invitations::organization_id, invitations::role, invitations::email))
        .load(tx.connection)?;
    for (id, organization, role, email) in &rows {
        add(tx, organization, Entry::Invitation(id), *role, "", email)?;
    }
    Ok(rows.last().map(|(id, ..)| id.to_string()))
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
