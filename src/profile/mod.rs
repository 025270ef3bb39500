//! What people say of themselves, and how they want the portal to be.
//!
//! * Details are saved field by field. Whoever saves says what they saw; where something else is stored by then, nothing is changed and
//!   they are told, with both values. So two tabs that change different fields never get in each other's way.
//! * An address and a password are none of them: they change elsewhere, by other rules.
//! * Preferences are saved together, and compared with what was seen field by field all the same.
//! * A name is found in the directory of every Organization of its holder, and changes there in the same transaction.

pub mod details;
pub mod pages;
pub mod picture;
pub mod preferences;
