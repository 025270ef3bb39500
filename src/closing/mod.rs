//! Closing an Organization: an Owner does it, an operator undoes it for a while, then it is erased.
//!
//! * An Organization that is closed does not exist for anybody: see `access/membership.rs`. Nothing of it is removed, so that it can be
//!   restored whole. It is not charged, and nobody is mailed about it.
//! * Nobody closes one that is topped up by itself or has an order that is not paid: money may be on its way.
//! * The lock on the Organization decides between closing it and whatever else happens: an order is placed before, and keeps it open, or
//!   is not placed.
//! * What the law asks to keep stays when it is erased: orders, invoices and their payments, the ledger of credits, the licences that
//!   they are about, and the activity log. So does its row, without what it says about people, and its address, which nobody else gets.

pub mod close;
pub mod erase;
pub mod mail;
pub mod pages;
pub mod restore;
pub mod standing;
