//! Slugs: what stands for an Organization in addresses. Made from its name once; never changed, and never given to another.

use diesel::prelude::*;

use crate::db::{DbError, WriteTx};
use crate::names::slug;
use crate::schema::organizations;
use crate::secrets::random_bytes;

/// What stands behind a slug that is taken: these numbers first, then random letters.
const NUMBERS: std::ops::RangeInclusive<u32> = 2..=9;
/// How many slugs with random letters are tried: with a billion of them, one is as good as certain to be free.
const RANDOM_TRIES: usize = 4;
/// Crockford's alphabet: easy to tell apart.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Of two transactions that look for a free slug, one waits for the other.
pub(super) fn lock(tx: &mut WriteTx) -> Result<(), DbError> {
    Ok(tx.lock_name("organization slugs")?)
}

/// Six random letters.
fn random_letters() -> String {
    random_bytes::<6>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// A free slug for a name. One statement, however many Organizations have the name. The caller holds the [`lock`].
///
/// # Errors
/// Every slug that was tried is taken, which does not happen by chance.
pub(super) fn free(tx: &mut WriteTx, name: &str) -> Result<String, DbError> {
    // `new` is a page of its own.
    let named = slug(name).filter(|slug| slug != "new");
    let base = named.clone().unwrap_or_else(|| "organization".to_owned());
    let numbered = named.iter().flat_map(|base| NUMBERS.map(move |number| format!("{base}-{number}")));
    let random = (0..RANDOM_TRIES).map(|_| format!("{base}-{}", random_letters()));
    let candidates: Vec<String> = named.clone().into_iter().chain(numbered).chain(random).collect();
    let taken: Vec<String> = organizations::table
        .filter(organizations::slug.eq_any(&candidates))
        .select(organizations::slug)
        .load(tx.connection)?;
    candidates
        .into_iter()
        .find(|slug| !taken.contains(slug))
        .ok_or_else(|| DbError::Unexpected(format!("no free slug like {base}")))
}
