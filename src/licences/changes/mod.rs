//! Changing what a licence is and costs: how many of its plan, another plan of its product, another year of Support & Upgrade.
//!
//! * More, and better, is had at once, for what is left of the terms that are paid ([`raise`], [`upgrade`], [`remaining`]). The end
//!   stays where it is, and whoever has a seat keeps it.
//! * Less comes with the next term and its price ([`schedule`]), so that nothing that is paid is lost; until that term is paid it can
//!   be taken back. It is refused while more people have a seat than there would be. Where more have one when the term begins, those
//!   who took theirs last lose it ([`apply`]).
//! * A term that is paid before the one before it ends begins after it, and so does what changes with it. Meanwhile nothing else can be
//!   changed: there would be two prices to take a part of.
//! * A change is paid for a licence as it was ([`State`](state::State)). Where it is not that any more once the money arrives, nothing
//!   is changed, and whoever calls these gives the money back.
//! * Where the money for a change is given back, the licence is what it was before, as long as nothing has changed since ([`undo`]).
//!
//! [`remaining`]: super::remaining

pub mod again;
pub mod apply;
pub mod choices;
pub mod job;
pub mod raise;
pub mod schedule;
pub mod state;
pub mod support;
pub mod undo;
pub mod upgrade;
