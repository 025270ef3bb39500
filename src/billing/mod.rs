//! What is to be paid, and by whom to whom: what an order, an invoice and a provider of payments have in common.
//!
//! * A bill is made from the catalogue, never from what a browser posted, and is copied into whatever was made of it.
//! * Documents are numbered for each calendar year, without gaps: the number is taken in the transaction that stores the document.

pub mod bill;
pub mod numbers;
pub mod party;
pub mod proration;
pub mod tax;
pub mod vat;
