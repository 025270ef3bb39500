//! Reading the file: TOML, with every fault in it at once, each with its line and what to write instead.

mod entries;
mod fault;
mod section;
mod values;

use toml::de::DeTable;

pub use entries::Entry;
pub use fault::Fault;
use fault::Faults;
pub(crate) use values::is_key;

/// A file without faults.
#[derive(Clone, Debug)]
pub struct File {
    /// Each kind in the order of the file.
    pub entries: Vec<Entry>,
}

/// Reads the text of a file. The faults come in the order of their lines.
pub fn read(text: &str) -> Result<File, Vec<Fault>> {
    let faults = Faults::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        faults.add(error.span().map_or(0, |span| span.start), format!("this is not TOML: {}", error.message()));
    }
    // What is missing behind a slip of the pen says nothing.
    let entries = if errors.is_empty() { entries::read(table.get_ref(), &faults) } else { Vec::new() };
    match faults.into_sorted() {
        none if none.is_empty() => Ok(File { entries }),
        found => Err(found),
    }
}
