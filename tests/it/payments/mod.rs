//! Payments: providers, what is kept of them, and their events.

mod customers;
mod hook;
mod methods;
mod sandbox;
mod settings;
mod stripe;
mod stripe_fakes;
