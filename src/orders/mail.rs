//! What whoever placed an order is told.

use crate::mail::message;

/// The order is paid.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub first_name: String,
    pub organization: String,
    /// `O-2026-000123`
    pub number: String,
    /// `Mapper, Yearly`
    pub what: String,
    /// `CHF 1,290.00`
    pub total: String,
    /// With what it was paid. Empty where nothing was to be paid.
    pub method: String,
    pub link: String,
}
message!(
    Receipt, "receipt", Usual:
    "mail/receipt/subject.txt", "mail/receipt/body.txt", "mail/receipt/body.html"
);

/// What was paid too late is given back.
#[derive(Clone, Debug)]
pub struct MoneyBack {
    pub first_name: String,
    pub organization: String,
    /// `O-2026-000123`
    pub number: String,
    /// `3 more of Mapper, Yearly`
    pub what: String,
    /// `CHF 1,290.00`
    pub amount: String,
    pub link: String,
}
message!(
    MoneyBack, "money_back", Usual:
    "mail/money_back/subject.txt", "mail/money_back/body.txt", "mail/money_back/body.html"
);
