//! Codes that stand in for an app that is lost. Of each only a hash is stored: it is as good as 120 random bits.

use diesel::prelude::*;

use crate::db::{Connection, DbError, WriteTx};
use crate::ids::UserId;
use crate::schema::recovery_codes;
use crate::secrets::{digest, random_bytes};
use crate::time::Timestamp;

/// How many are made at a time.
pub const COUNT: usize = 10;
/// Crockford's: nothing in it looks like anything else.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 24;
const GROUP: usize = 6;

fn make() -> String {
    let characters: Vec<u8> = random_bytes::<LENGTH>().iter().map(|byte| ALPHABET[usize::from(byte % 32)]).collect();
    characters.chunks(GROUP).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-")
}

/// However it is typed: without what stands between, and with letters that look like digits as those digits.
fn hash(typed: &str) -> String {
    let read = |character: char| match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    digest(&typed.chars().filter(char::is_ascii_alphanumeric).map(read).collect::<String>())
}

#[derive(Insertable)]
#[diesel(table_name = recovery_codes)]
struct Row<'a> {
    user_id: &'a UserId,
    code_hash: String,
    created_at: Timestamp,
}

/// Makes new ones in place of all that there are.
pub(super) fn replace(tx: &mut WriteTx, user: &UserId) -> Result<Vec<String>, DbError> {
    remove(tx, user)?;
    let codes: Vec<String> = (0..COUNT).map(|_| make()).collect();
    for code in &codes {
        let row = Row { user_id: user, code_hash: hash(code), created_at: tx.now };
        diesel::insert_into(recovery_codes::table).values(row).execute(tx.connection)?;
    }
    Ok(codes)
}

pub(super) fn remove(tx: &mut WriteTx, user: &UserId) -> Result<(), DbError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(tx.connection)?;
    Ok(())
}

/// Takes one. False where it is none of this user's, or was used.
pub(super) fn take(tx: &mut WriteTx, user: &UserId, typed: &str) -> Result<bool, DbError> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::code_hash.eq(hash(typed)))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(Some(tx.now))).execute(tx.connection)? == 1)
}

/// How many were not used.
pub(super) fn left(connection: &mut Connection, user: &UserId) -> Result<i64, DbError> {
    let unused =
        recovery_codes::table.filter(recovery_codes::user_id.eq(user)).filter(recovery_codes::used_at.is_null());
    Ok(unused.count().get_result(connection)?)
}

/// Those among `shown` that are unused ones of this user.
pub fn own(connection: &mut Connection, user: &UserId, shown: &str) -> Result<Vec<String>, DbError> {
    let unused: Vec<String> = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user))
        .filter(recovery_codes::used_at.is_null())
        .select(recovery_codes::code_hash)
        .load(connection)?;
    let is_own = |code: &&str| unused.contains(&hash(code));
    Ok(shown.split_ascii_whitespace().take(COUNT).filter(is_own).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = make();
        assert_eq!(code.len(), LENGTH + LENGTH / GROUP - 1, "{code}");
        let typed = [
            code.to_lowercase(),
            code.replace('-', " "),
            format!(" {} ", code.replace('-', "")),
            code.replace('0', "o").replace('1', "l"),
        ];
        for typed in typed {
            assert_eq!(hash(&typed), hash(&code), "{typed}");
        }
        assert_ne!(hash(&make()), hash(&code));
    }
}
