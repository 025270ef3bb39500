//! What the documents say of settings is what the program has.

use std::fmt::Write;

use portico::rates::Limit;
use strum::IntoEnumIterator;

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
