//! Invitations: offers of a membership to an e-mail address.
//!
//! * At most one is live for an Organization and an address; the database enforces it. It holds for 15 days to the second.
//!   "Expired" is computed from the time, never stored; inviting a lapsed address reissues the row.
//! * The link carries 32 random bytes of which only a hash is stored. Sending again makes a new one; the old link is dead.
//! * Accepting needs a signed-in account with the invited address, or a sign-up with it: the link proves the address. Opening
//!   the link never accepts.
//! * Unknown, used, withdrawn and expired links give an outsider one and the same answer.
//! * The role is read from the row. If the inviter could no longer give it, nobody gets it.

pub mod answer;
pub mod home;
pub mod link;
pub mod model;
