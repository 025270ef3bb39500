//! Taking money: one trait, and a provider for each setting of `PORTICO_PAYMENTS`.
//!
//! * A provider is asked outside of any transaction, with a time limit, and never holds a lock. Pages ask by [`Payments`], jobs on
//!   their own threads.
//! * Every request carries the id of our row of the payment: asked twice, a provider answers with the same payment.
//! * What a provider says counts whichever way it arrives: by its answer, by looking again, by an event. Each is taken once.
//! * What an Organization pays with is known by what may be shown of it and by what the provider calls it, never by its number.

pub mod customers;
pub mod forget;
mod handle;
pub mod method_pages;
pub mod methods;
pub mod pages;
pub mod provider;
pub mod sandbox;
mod signature;
pub mod stripe;

pub use handle::Payments;
