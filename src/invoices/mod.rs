//! Invoices, and the credit notes that take them back.
//!
//! * An invoice is issued in the transaction that settles its order, one for each order. Seller, buyer and bill are copies, so that it
//!   says the same whatever becomes of those whom it names.
//! * Nothing of it is changed and nothing is removed: what was wrong is put right by a credit note, which names its invoice and has a
//!   number of its own.
//! * Numbers follow one another without gaps in each calendar year (UTC), invoices and credit notes apart ([`crate::billing::numbers`]).
//! * No more is credited than was invoiced. An amount takes its part of the tax along, reckoned from all that was credited so far, so that
//!   the parts add up to the invoice whatever they were.

pub mod credit;
pub mod invoice;
pub mod issue;
pub mod listing;
pub mod pages;
