//! E-mail notifications: who hears that licences end or have ended, that credits run low, that a payment failed.
//!
//! * The Owners hear of everything, each unless they have chosen otherwise. Besides them any address can be added, with or without an
//!   account, each with the kinds that it gets.
//! * An address gets nothing before whoever receives its mails has confirmed it by the link in one; of people of the Organization that is
//!   known already, and no more once they leave. How often an address is asked is limited, whoever asks.
//! * Each mail has a link that ends mails like it, by one POST and without signing in (RFC 8058). Who has ended them is asked anew before
//!   they get one again: neither removing and adding them nor a membership stands in for that ([`unsubscribe`]).
//! * The end of a licence is told 30, 7 and 1 days before it and when it has come, each once for that end: a renewal, which moves the end,
//!   begins anew. What is late is told once, with the nearest ([`ends`]).
//! * A low balance is told once until it is above again ([`crate::credits::low_balance`]).
//! * What was sent, to whom, and what became of it stays readable for a year ([`log`]).

pub mod add;
pub mod audience;
pub mod confirm;
pub mod due;
pub mod ends;
pub mod kinds;
pub mod log;
pub mod low_credits;
pub mod mail;
pub mod owners;
pub mod pages;
pub mod payments;
pub mod recipients;
pub mod send;
pub mod test_mail;
pub mod threshold;
pub mod unsubscribe;

pub use owners::owners;
pub use payments::{PaymentProblem, payment_problem};
