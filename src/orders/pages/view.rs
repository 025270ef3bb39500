//! How an order is told.

use crate::orders::order::Status;

/// What the status of an order of `total` is called of which `refunded` was given back, and the class of its badge.
pub(super) fn status(status: Status, total: i64, refunded: i64) -> (&'static str, &'static str) {
    match status {
        Status::Pending => ("Waiting for payment", "pending"),
        Status::Paid if total > 0 && refunded == total => ("Refunded", "expired"),
        Status::Paid if refunded > 0 => ("Partly refunded", "active"),
        Status::Paid => ("Paid", "active"),
        Status::Ended => ("Ended", "expired"),
    }
}
