//! Ordering a change of a licence: more of its plan, a better plan, Support & Upgrade, another term.
//!
//! * What it costs comes from the licence, which copied its price, and from the catalogue where it brings something new. It is shown
//!   before it is ordered, and ordered only at what was shown ([`place`]).
//! * An order keeps the state of the licence that it was made for. Ordering a change ends every other change of that licence that waits
//!   for its money; where money arrives for one all the same and the licence has changed, nothing is changed and the money goes
//!   back.

pub mod place;
pub mod prepare;
