//! Vouchers: codes that are worth a licence or credits.
//!
//! * Operators make them (`portico voucher create`). What one is worth is copied from the catalogue when it is made, so that whoever has
//!   the code gets what was promised, whatever is for sale by then.
//! * A code has letters and digits that nobody confuses; it may be typed with spaces, hyphens and small letters. Only its hash is stored.
//! * It can be redeemed so many times, once by each Organization, until the end of its last day, and by everybody or by one customer.
//!   Whoever redeems locks the Organization and then the voucher, counts its redemptions, inserts; there is no counter.
//! * The page says what a code is worth and which Organization gets it before it is redeemed. Guesses are limited.

pub mod code;
pub mod create;
pub mod pages;
pub mod redeem;
pub mod worth;
