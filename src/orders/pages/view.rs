//! How an order is told.

use crate::orders::order::{Order, Status};

/// What it is called, and the class of its badge.
pub(super) fn status(order: &Order) -> (&'static str, &'static str) {
    match order.status {
        Status::Pending => ("Waiting for payment", "pending"),
        Status::Paid if order.bill.total > 0 && order.refunded == order.bill.total => ("Refunded", "expired"),
        Status::Paid if order.refunded > 0 => ("Partly refunded", "active"),
        Status::Paid => ("Paid", "active"),
        Status::Ended => ("Ended", "expired"),
    }
}
