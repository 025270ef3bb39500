//! The pages of invoices and credit notes.

pub mod download;
pub mod export;
pub mod invoice;
mod view;
