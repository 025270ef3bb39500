//! Payments: providers, what is kept of them, and their events.

mod sandbox;
