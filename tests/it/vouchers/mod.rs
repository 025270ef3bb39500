//! Vouchers: making them, what they are worth, and redeeming them.

mod command;
mod guesses;
mod redeeming;
mod transaction;

use chrono::Duration;
use portico::access::Operator;
use portico::catalogue::on_sale;
use portico::db::DbError;
use portico::ids::OrganizationId;
use portico::vouchers::create::{Batch, codes, store};
use portico::vouchers::worth::Worth;

use crate::catalogue::{file_with, import_text};
use crate::support::{Answer, Browser, Portal, acme};

/// Vouchers worth so many credits, for a year.
pub fn credits(portal: &Portal, credits: u32) -> Batch {
    let ends_at = portal.app.now() + Duration::days(365);
    Batch { worth: Worth::Credits(credits), uses: 1, ends_at, organization: None }
}

/// Vouchers worth a licence by a plan of the catalogue of the tests.
pub fn licence(portal: &Portal, plan: &str) -> Batch {
    import_text(portal, &file_with(&[])).expect("no faults");
    let on_sale = portal.app.db.read(on_sale::read).expect("it is read").expect("a catalogue");
    Batch { worth: Worth::of_plan(&on_sale, plan).expect("a plan that gives a licence"), ..credits(portal, 1) }
}

/// The code of a new voucher.
pub fn code(portal: &Portal, batch: &Batch) -> String {
    let operator = Operator { name: "ada".to_owned() };
    let codes = codes(1);
    portal.app.write_now::<_, DbError>(|tx| store(tx, &operator, &codes, batch)).expect("they are stored");
    codes[0].to_string()
}

/// The same for one Organization alone.
pub fn only_for(organization: OrganizationId, batch: Batch) -> Batch {
    Batch { organization: Some(organization), ..batch }
}

/// Asks what a code is worth to acme.
pub fn look(browser: &Browser, code: &str) -> Answer {
    browser.post(&acme("/plans/redeem"), &[("code", code)])
}

/// Redeems it there.
pub fn validate(browser: &Browser, code: &str) -> Answer {
    browser.post(&acme("/plans/redeem"), &[("code", code), ("confirmed", "yes")])
}
