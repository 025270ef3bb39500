//! What tests share: a portal, people in it, a browser, and both databases.

use rstest_reuse::template;

mod agreement;
mod authenticator;
mod authenticator_app;
pub mod bank;
mod browser;
mod charging;
mod chromium;
mod html;
mod licences;
pub mod lines;
pub mod multipart;
pub mod outbox;
mod payments;
mod people;
pub mod places;
mod portal;
mod postgresql;
pub mod process;
mod profile;
mod race;
pub mod smtp;
mod sources;
pub mod stall;
pub mod state;
pub mod stripe;
pub mod till;

pub use authenticator::Authenticator;
pub use authenticator_app::AuthenticatorApp;
pub use browser::{Answer, Browser};
pub use chromium::Profile;
pub use html::Html;
pub use licences::{copied_plan, given};
pub use payments::new_checkout;
pub use people::{acme, batch, change_role, invite, invite_one, invite_to};
pub use portal::{Database, PASSWORD, Persona, Portal, SLUG, mails, start_of_time};
pub use postgresql::{Cluster, cluster as postgresql_cluster};
pub use profile::key;
pub use race::{all_at_once, at_once};
pub use sources::sources;

/// The cases of a test that runs on SQLite and on PostgreSQL, each on a fresh portal with the personas in it.
#[template]
#[rstest]
#[case::on_sqlite(&crate::support::Portal::on_sqlite())]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
#[case::on_postgresql(&crate::support::Portal::on_postgresql())]
pub fn on_both(#[case] portal: &Portal) {}

/// The same for a test that starts its portal itself, with some settings changed.
#[template]
#[rstest]
#[case::on_sqlite(crate::support::Database::Sqlite)]
#[cfg_attr(not(has_postgresql), ignore = "PostgreSQL is not installed")]
#[case::on_postgresql(crate::support::Database::Postgresql)]
pub fn on_each_database(#[case] database: Database) {}

/// What `PORTICO_TEST_REQUIRE` (a list with commas) demands must be there, so that nothing is left out unseen.
#[test]
fn what_is_required_is_there() {
    let required = std::env::var("PORTICO_TEST_REQUIRE").unwrap_or_default();
    for what in required.split(',').map(str::trim).filter(|what| !what.is_empty()) {
        let is_there = match what {
            "postgres" => cfg!(has_postgresql),
            "browser" => cfg!(has_browser),
            "smtp" => cfg!(has_smtp),
            "poppler" => cfg!(has_poppler),
            "stripe" => cfg!(has_stripe),
            _ => panic!("PORTICO_TEST_REQUIRE knows postgres, browser, smtp, poppler and stripe, not {what}"),
        };
        assert!(is_there, "{what} is required, but was not there when the tests were built");
    }
}
