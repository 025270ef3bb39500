//! Invitations as the invited person sees them: the page behind the link, and the ones that wait on Home. The rules stand in
//! [`crate::people`], which this only shows.
//!
//! * Opening a link changes nothing: mail scanners open links.
//! * Unknown, used, withdrawn and expired links give an outsider one and the same answer.

pub mod pages;
