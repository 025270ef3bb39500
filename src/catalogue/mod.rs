//! What the company sells, and on which terms: the seller, countries with their currency and tax, products, plans, credit packages and
//! coupons.
//!
//! The catalogue is a file that operators keep (`portico catalog import FILE`, described in `docs/catalogue.md`) and that is imported
//! whole. An entry is known by its key. What the file has no more is taken from sale and kept, since something that was sold may still
//! name it; what was sold copies its name, price and terms, so no import rewrites it. A plan keeps its product and its term: licences
//! are renewed by it.

pub mod contents;
pub mod coupons;
pub mod difference;
pub mod entries;
pub mod file;
pub mod import;
pub mod on_sale;
pub mod pages;
