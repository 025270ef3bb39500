//! Importing a file: all of it, or nothing.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::contents::Plan;
use super::difference::{self, Difference};
use super::entries::{self, Kind, Row};
use super::file::{Entry, Fault, File};
use crate::access::Operator;
use crate::audit::{Action, By, Change};
use crate::db::{Connection, DbError, WriteTx};

/// Why a file cannot be imported: what it would change that must stay. Or what it changes.
pub type Compared = Result<Vec<Difference>, Vec<Fault>>;

/// What importing a file would change. Nothing is changed.
pub fn preview(connection: &mut Connection, file: &File) -> Result<Compared, DbError> {
    Ok(compare(&entries::all(connection)?, file))
}

/// Makes the file the catalogue, unless it has faults. Where nothing differs, nothing is recorded.
pub fn import(tx: &mut WriteTx, by: &Operator, name: &str, file: &File) -> Result<Compared, DbError> {
    tx.lock_name("catalogue")?;
    let stored = entries::all(tx.connection)?;
    let compared = compare(&stored, file);
    let Ok(differences) = &compared else { return Ok(compared) };
    let kept: HashSet<(Kind, &str)> = file.entries.iter().map(Entry::place).collect();
    let gone = stored.iter().filter(|row| row.on_sale && !kept.contains(&(row.kind, row.key.as_str())));
    let gone = gone.map(|row| Row { on_sale: false, ..row.clone() });
    let rows: Vec<Row> = (0..).zip(&file.entries).map(|(at, entry)| row(at, entry)).chain(gone).collect();
    entries::write(tx, &stored, &rows)?;
    if !differences.is_empty() {
        let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
        let after = json!({ "differences": lines });
        let action = Action::CatalogueImported;
        let change = Change { action, subject_id: "catalogue", subject_name: name, before: Value::Null, after };
        tx.record(By::operator(by), change)?;
    }
    Ok(compared)
}

fn row(position: i32, entry: &Entry) -> Row {
    let (key, content) = (entry.key.clone(), entry.content.clone());
    Row { kind: entry.kind, key, position, content, on_sale: true }
}

fn compare(stored: &[Row], file: &File) -> Compared {
    let faults: Vec<Fault> = file.entries.iter().filter_map(|entry| changed_plan(stored, entry)).collect();
    if faults.is_empty() { Ok(difference::between(stored, &file.entries)) } else { Err(faults) }
}

/// A plan by which licences are renewed keeps what it is.
fn changed_plan(stored: &[Row], entry: &Entry) -> Option<Fault> {
    let plan = |content: &str| serde_json::from_str::<Plan>(content).ok();
    let row = stored.iter().find(|row| row.kind == Kind::Plan && entry.place() == (row.kind, &row.key))?;
    let (before, after) = (plan(&row.content)?, plan(&entry.content)?);
    let term = |plan: &Plan| -> &'static str { plan.term.into() };
    let what = if before.product != after.product {
        format!("its product “{}”", before.product)
    } else if before.term != after.term {
        format!("its term “{}”", term(&before))
    } else {
        return None;
    };
    let key = &entry.key;
    let message =
        format!("the plan “{key}” keeps {what}, since licences are renewed by it: give the new plan another key");
    Some(Fault { line: entry.line, message })
}
