//! Renewals: the next term of a licence is charged a week before the present one ends, to what the Organization pays with.
//!
//! * Each end of a term is taken up once, whoever finds it ([`due`]): the database holds one renewal for it.
//! * A try is noted with its payment before the provider is asked, outside of any transaction. Whoever comes after a crash asks for the
//!   same payment again, so it is charged once (`step`).
//! * A bank that declines, and nothing to pay with, count as tries: after the first there are three more, the last at the end (`plan`).
//!   A provider that cannot be reached is asked again and again, and that counts as none.
//! * What is cancelled, suspended or renewed by hand meanwhile is not charged. After the last try the licence ends by itself.

pub mod due;
mod held;
pub mod outcome;
mod plan;
pub mod quote;
pub mod renewal;
pub mod settled;
pub mod step;
mod words;
pub mod work;
