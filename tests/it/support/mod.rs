//! What tests share: a portal, people in it, a browser, and both databases.

mod browser;
mod chromium;
mod html;
pub mod lines;
pub mod outbox;
mod people;
pub mod places;
mod portal;
mod postgresql;
pub mod process;
mod profile;
mod race;
pub mod smtp;
pub mod state;

pub use browser::{Answer, Browser};
pub use chromium::Profile;
pub use html::Html;
pub use people::{acme, change_role, invite};
pub use portal::{PASSWORD, Persona, Portal, SLUG, mails};
pub use postgresql::cluster as postgresql_cluster;
pub use profile::key;
pub use race::at_once;

/// Writes tests that run on SQLite and on PostgreSQL: `on_both! { fn name(portal) { … } }`. Each gets a fresh portal with the
/// personas in it.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* fn $name:ident($portal:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn body($portal: &$crate::support::Portal) $body

            #[test]
            fn on_sqlite() {
                body(&$crate::support::Portal::on_sqlite());
            }

            #[test]
            fn on_postgresql() {
                if let Some(portal) = $crate::support::Portal::on_postgresql() {
                    body(&portal);
                }
            }
        }
    )*};
}

/// Like [`on_both!`], with some settings changed: `on_both_with! { |config| config.demo = false; fn name(portal) { … } }`.
#[macro_export]
macro_rules! on_both_with {
    ($change:expr; $($(#[$attribute:meta])* fn $name:ident($portal:ident) $body:block)*) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            fn body($portal: &$crate::support::Portal) $body

            #[test]
            fn on_sqlite() {
                body(&$crate::support::Portal::on_sqlite_with($change));
            }

            #[test]
            fn on_postgresql() {
                if let Some(portal) = $crate::support::Portal::on_postgresql_with($change) {
                    body(&portal);
                }
            }
        }
    )*};
}

/// Whether `PORTICO_TEST_REQUIRE` (a list with commas) turns the lack of something into a failure.
pub fn is_required(what: &str) -> bool {
    std::env::var("PORTICO_TEST_REQUIRE").is_ok_and(|list| list.split(',').any(|one| one.trim() == what))
}

/// Says that a test cannot run here. Fails where the thing is required.
pub fn skip(what: &str, why: &str) {
    assert!(!is_required(what), "{what} is required, but {why}");
    eprintln!("skipped: {why}");
}
