//! Credits: what an Organization was given, what it spent, and what is left. Whole numbers, never fractions.
//!
//! * The ledger is only added to. Each row says how many credits came or went and what the balance was after it; a correction is
//!   another row. The balance is the sum of the rows: it is kept in the wallet and in each row, and `portico doctor` compares.
//! * Who writes a row holds the wallet's lock, so rows follow one another. Nothing is overdrawn: a spend is paid whole or not at all.
//! * A reference names a grant or a spend once in its Organization. The same one again answers the row that is there, where the
//!   amount and the end are the same; anything else is refused. Of a spend or a grant that was reversed meanwhile it says so: whoever
//!   asks again does not take it for paid.
//! * What ends soonest is spent first; then what was granted before what was purchased; then what is oldest. Each row that takes
//!   credits or gives them back says from and to which grants.
//! * A spend is reversed as a whole and once: the credits go back to the grants that they came from. What has ended meanwhile does not
//!   come alive again: it expires at once, in a row of its own. A grant is reversed by taking back what is left of it.
//! * A grant can be spent before its end, and not from that moment on. What is left then is taken out by a job within a minute, or by
//!   the next change of the wallet if that comes first.
//! * The row that takes the balance below what the Organization calls low has that told, once until it is above again ([`low_balance`]).
//! * Where an Organization has its credits topped up, the spend that takes the balance to its threshold stores the job that does it
//!   ([`top_up`]). What that job is stands with the orders.

pub mod amount;
pub mod balances;
pub mod check;
pub(crate) mod ended;
pub mod entry;
pub mod expiry;
pub mod grant;
mod grants;
pub mod history;
pub mod low_balance;
pub mod pages;
pub mod reference;
pub mod reverse;
pub mod spend;
pub mod top_up;
pub mod top_up_job;
pub mod wallet;
mod watch;
