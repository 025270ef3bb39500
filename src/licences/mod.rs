//! The licences of an Organization: what it was given, who may use it, and who does.
//!
//! * A licence keeps its own copy of what was given: names, contents, seats. Nothing that is sold later changes it.
//! * Its status is computed from moments and marks, never stored ([`status`]). It is valid from its start up to its end, and not at
//!   its end; a date that is shown means through the end of that day ([`terms`]).
//! * After its end there is a grace period, unless it was cancelled: who has a seat keeps it, nobody else gets one.
//! * Seats are rows. Whoever takes one locks the licence, counts the rows, inserts; there is no counter ([`seats`]).
//! * Editors and above use every licence; Readers and Members those to which they were given access ([`grants`]).
//! * A renewal before the end goes on from the end; after it, from now. It never shortens ([`renewal`]).
//! * A cancelled licence stays until its last day, and can be resumed until then ([`cancellation`]).
//! * Who leaves an Organization leaves their seats and their access there ([`leaving`]).

pub mod attention;
pub mod cancellation;
pub mod credits;
pub mod ending;
pub mod grants;
pub mod issue;
pub mod leaving;
pub mod licence;
pub mod listing;
pub mod pages;
pub mod persons;
pub mod renewal;
pub mod seats;
pub mod status;
pub mod suspension;
pub mod terms;
