//! The people of an Organization: the list, roles, removal and leaving. Invitations have a module of their own
//! ([`crate::invitations`]); the list shows both.
//!
//! * Nobody gives or takes a role above their own, nobody touches somebody of higher rank, nobody raises themselves; checked
//!   inside the transaction, against the roles of that moment.
//! * An Organization keeps at least one Owner ([`crate::organizations::owners`]).
//! * A change of role or a removal takes effect on that person's next request, and they are told by mail.
//! * Removing somebody never deletes their account.

pub mod directory;
pub mod export;
pub mod invite;
pub mod list;
pub mod model;
pub mod person;
pub mod remove;
