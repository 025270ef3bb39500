//! The people of an Organization and the invitations to join them: one aggregate, since both stand in one list.
//!
//! * Nobody gives or takes a role above their own, nobody touches somebody of higher rank, nobody raises themselves; checked
//!   inside the transaction, against the roles of that moment.
//! * An Organization keeps at least one Owner who is not suspended ([`owners`]).
//! * A change of role or a removal takes effect on that person's next request, and they are told by mail.
//! * Removing somebody never deletes their account. For ten minutes who did it can undo it ([`undo`]), and nobody is told before, nor
//!   who is a member again by then.
//! * At most one invitation is live for an Organization and an address; the database enforces it. It holds for 15 days to the
//!   second. "Expired" is computed from the time, never stored; inviting a lapsed address reissues the row.
//! * The link carries 32 random bytes of which a hash is stored, and a sealed copy until the invitation is over: who may send it again
//!   may see it, and that is recorded. Sending again makes a new one; the old link is dead.
//! * Accepting needs an account with the invited address, or a sign-up with it: the link proves the address. The role is read from
//!   the row. If the inviter could no longer give it, nobody gets it.

pub mod address;
pub mod blocks;
mod budget;
pub mod counts;
pub mod defaults;
pub mod deleted;
pub mod directory;
pub mod domains;
pub mod invitations;
pub mod invite;
pub mod links;
pub mod listing;
pub mod mail;
pub mod members;
pub mod offers;
pub mod owner_news;
pub mod owners;
pub mod ownership;
pub mod pages;
pub mod removal;
pub mod removals;
pub mod roles;
pub mod sent;
pub mod suspension;
pub mod terms;
pub mod two_factor;
pub mod undo;
