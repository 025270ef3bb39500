//! Handing an Organization over: an Owner offers their place to another member, and where that one accepts, the two roles change in
//! one transaction.
//!
//! * One offer is open in an Organization at a time; the database enforces it. It holds for 7 days to the second. "Expired" is computed
//!   from the time, never stored.
//! * A row is there until somebody answers or withdraws. What became of it stands in the activity log.
//! * It holds no longer than what it stands on: who offers is an Owner, who is asked another member, neither is suspended, and the
//!   Organization is open. Whoever changes any of that ends it ([`open::end_of`]), and whoever looks asks again ([`open::sides`]).

pub mod answer;
pub mod offer;
pub mod open;
