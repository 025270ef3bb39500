//! What people decide about what is kept of them, and used.
//!
//! * Nobody has agreed to anything until they say so. What they agree to and withdraw is kept, each change with its moment, from which
//!   address it came and which words the page showed ([`consents`]).
//! * The portal itself sends no news and counts nobody's steps: the company's own tools take the lists of who agreed
//!   (`portico consents export`).
//! * Everything that is stored about somebody is theirs to have ([`exports`]).
//! * Whoever wants their account deleted has it deleted ([`deletion`], [`erase`]): what stays names nobody.

pub mod consents;
pub mod deletion;
mod document;
pub mod erase;
pub mod exports;
pub mod kind;
mod mail;
pub mod mentions;
pub mod pages;
