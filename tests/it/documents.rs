//! What the documents say of settings is what the program has.

use std::fmt::Write;

use portico::rates::Limit;
use strum::IntoEnumIterator;

use crate::support::sources;

#[test]
fn the_table_of_limits_is_that_of_the_program() {
    let mut table = String::new();
    for limit in Limit::iter() {
        let (default, what) = limit.table();
        writeln!(table, "| `{}` | `{default}` | {what} |", limit.variable()).unwrap();
    }
    let text = std::fs::read_to_string("docs/limits.md").unwrap();
    assert!(text.contains(&table), "docs/limits.md should have these rows:\n{table}");
}

#[test]
fn each_requirement_of_security_names_a_test_that_is_there() {
    let text = std::fs::read_to_string("SECURITY.md").unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")).collect();
    assert!(rows.len() > 30, "{}", rows.len());
    let code: String =
        ["tests/it", "src"].iter().flat_map(|folder| sources(folder, "rs")).map(|(_, text)| text).collect();
    for row in rows {
        let name = row.trim_end_matches("` |").rsplit('`').next().unwrap_or_default();
        assert!(code.contains(&format!("fn {name}(")), "{row}");
    }
}
