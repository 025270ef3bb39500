//! Orders: what an Organization buys, what it has to pay for it, and what comes of it.
//!
//! * Prices come from the catalogue, whatever a browser posts, and all that an order says is a copy ([`pricing`]).
//! * An order is placed once for each key of a form ([`place`]). It is pending until it is paid, for 24 hours at the most.
//! * It is paid on a page of the provider. That it was is told by an event, by looking at the provider, or by a job that looks; each
//!   leads to [`settle`], which takes each payment once. In that transaction the order is paid, its item is given ([`fulfil`]) and
//!   the use of its coupon stays counted.
//! * Money that arrives after an order has ended settles it all the same: who paid gets what they paid for. Money for what cannot be
//!   given any more goes back by itself ([`giving_back`]). Money that fits no order settles nothing; it is kept as unmatched, and
//!   `portico doctor` tells of it.
//! * What was paid stays paid. Money that is given back is another row.
//! * Licences renew themselves ([`renewals`]) and credits top themselves up ([`top_up`]): such an order is placed by the portal, and
//!   charged while nobody is there ([`off_session`]). It is settled by the same way.
//! * Uses of coupons are rows: a pending order holds one, an ended one gives it back ([`coupons`]).

pub mod change_item;
pub mod changes;
pub mod coupons;
pub mod dashboard;
pub mod ending;
pub mod events;
pub mod fulfil;
pub mod giving_back;
mod held;
pub mod item;
pub mod jobs;
pub mod listing;
pub mod mail;
pub mod off_session;
pub mod order;
pub mod pages;
pub mod payment;
pub mod place;
pub mod pricing;
pub mod refund;
pub mod renewals;
pub mod settle;
pub mod taking_back;
mod telling;
pub mod too_late;
pub mod top_up;
