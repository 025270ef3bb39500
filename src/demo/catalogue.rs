//! What the company buys from: a photogrammetry suite.

use crate::access::Operator;
use crate::catalogue::{file, import};
use crate::db::{DbError, WriteTx};

/// The file, as an operator would import it.
const NAME: &str = "catalogue.toml";
const TEXT: &str = include_str!("catalogue.toml");

pub(super) fn import(tx: &mut WriteTx) -> Result<(), DbError> {
    let faulty = |faults| DbError::Unexpected(format!("{NAME} of the demo: {faults:?}"));
    let file = file::read(TEXT).map_err(faulty)?;
    import::import(tx, &Operator { name: String::new() }, NAME, &file)?.map(drop).map_err(faulty)
}
