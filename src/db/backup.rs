//! A copy of an SQLite file while it is in use, and back again. PostgreSQL has tools of its own for that.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection as _, QueryableByName, RunQueryDsl, SqliteConnection};

use super::{Connection, DatabaseUrl, DbError, Served, migrate, sqlite};

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    pub bytes: u64,
    /// Where the database that was there before is now.
    pub before: Option<PathBuf>,
    /// How many migrations the backup lacks, and how many it has that this program does not know.
    pub pending: usize,
    pub unknown: usize,
}

fn failed(path: &Path) -> impl Fn(io::Error) -> DbError {
    move |error| DbError::File(format!("{}: {error}", path.display()))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A new file or a new name is there after a loss of power only when its folder is written, too.
fn write_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Copies the database as it is now, with all that was answered before, into a new file that nobody else can read. Answers its
/// size. Writers go on meanwhile, and do not make it begin anew.
pub fn back_up(path: &Path, to: &Path) -> Result<u64, DbError> {
    if !path.exists() {
        return Err(DbError::File(format!("{} does not exist", path.display())));
    }
    sqlite::private().create_new(true).open(to).map_err(failed(to))?;
    let copied = copy_into(path, to);
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

fn copy_into(path: &Path, to: &Path) -> Result<u64, DbError> {
    let mut source = open(path)?;
    diesel::sql_query("VACUUM INTO ?").bind::<diesel::sql_types::Text, _>(to.to_string_lossy()).execute(&mut source)?;
    let copy = File::open(to).map_err(failed(to))?;
    copy.sync_all().and_then(|()| write_folder_of(to)).map_err(failed(to))?;
    Ok(copy.metadata().map_err(failed(to))?.len())
}

fn open(path: &Path) -> Result<SqliteConnection, DbError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| DbError::Unreachable(error.to_string()))?;
    connection.batch_execute("PRAGMA busy_timeout = 30000")?;
    Ok(connection)
}

/// Puts a backup in the place of the database, which is kept beside it under a name with `mark`. Nothing is touched where the
/// backup is not whole or a process serves the database.
pub fn restore(url: &DatabaseUrl, path: &Path, from: &Path, mark: &str) -> Result<Restored, DbError> {
    let _served = Served::claim(url)?;
    if beside(from, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        let why = "is not whole: it has a log of changes (-wal) beside it, so it is in use, or was copied while it was";
        return Err(DbError::File(format!("{} {why}", from.display())));
    }
    let copy = beside(path, ".restoring");
    let outcome = copy_whole(from, &copy)
        .and_then(|bytes| check(from, &copy).map(|(pending, unknown)| (bytes, pending, unknown)))
        .and_then(|found| Ok((found, swap(path, &copy, mark)?)));
    let _ = fs::remove_file(&copy);
    let ((bytes, pending, unknown), before) = outcome?;
    Ok(Restored { bytes, before, pending, unknown })
}

fn copy_whole(from: &Path, copy: &Path) -> Result<u64, DbError> {
    let mut source = File::open(from).map_err(failed(from))?;
    let mut target = sqlite::private().create(true).truncate(true).open(copy).map_err(failed(copy))?;
    let bytes = io::copy(&mut source, &mut target).map_err(failed(copy))?;
    target.sync_all().map_err(failed(copy))?;
    Ok(bytes)
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// Whether a copy is a whole database of Portico. Answers how many migrations it lacks, and how many it has beyond.
fn check(from: &Path, copy: &Path) -> Result<(usize, usize), DbError> {
    let refused = |why: &str| DbError::File(format!("{} cannot be restored: {why}", from.display()));
    let mut connection = open(copy)?;
    let found = diesel::sql_query("PRAGMA integrity_check(1)").load::<Finding>(&mut connection);
    match found.map_err(|error| refused(&error.to_string()))?.first() {
        Some(finding) if finding.integrity_check == "ok" => {}
        Some(finding) => return Err(refused(&finding.integrity_check)),
        None => return Err(refused("it cannot be checked")),
    }
    let mut connection = Connection::Sqlite(connection);
    let (known, applied) = migrate::known_and_applied(&mut connection)?;
    if !applied.iter().any(|version| known.contains(version)) {
        return Err(refused("it is not a database of Portico"));
    }
    let missing = |from: &[String], there: &[String]| from.iter().filter(|version| !there.contains(version)).count();
    Ok((missing(&known, &applied), missing(&applied, &known)))
}

/// Moves what is there aside, with its log, and the copy into its place.
fn swap(path: &Path, copy: &Path, mark: &str) -> Result<Option<PathBuf>, DbError> {
    let aside = beside(path, &format!(".{mark}"));
    let had_one = path.exists();
    if had_one {
        for ending in ["-wal", "-shm", ""] {
            match fs::rename(beside(path, ending), beside(&aside, ending)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                outcome => outcome.map_err(failed(path))?,
            }
        }
    }
    fs::rename(copy, path).and_then(|()| write_folder_of(path)).map_err(failed(path))?;
    Ok(had_one.then_some(aside))
}
