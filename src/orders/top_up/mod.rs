//! Auto top-up: when a spend leaves no more credits than a threshold, a package of them is bought, and charged to what the
//! Organization pays with.
//!
//! * Only Owners switch it on, once something was paid for and there is something to charge ([`choose`]).
//! * One at a time, which the database holds, too; and in a calendar month (UTC) no more than the cap, tax included ([`record`]).
//! * The package is bought as the catalogue has it at that moment. Once it is not sold any more, auto top-up is off (`outcome`).
//! * Whoever removes what is charged switches it off by that (`method`).
//! * A bank that declines is not asked for an hour, and after three times in a row auto top-up is off.

pub mod choose;
pub mod due;
pub mod method;
mod outcome;
pub mod overview;
mod price;
pub mod record;
pub mod settings;
pub mod settled;
mod words;
pub mod work;
