//! E-mail notifications: nobody, many, something wrong; the log; and what the links in mails lead to.

use portico::mail::Undeliverable;
use portico::notifications::kinds::Kinds;

use super::LONG_EMAIL;
use super::axe::Inspector;
use crate::notifications::{BOOKS, unsubscribe_link};
use crate::support::{Persona, Portal, acme, outbox};

#[test]
#[cfg_attr(not(has_browser), ignore = "Chromium or its driver is not installed")]
fn the_pages_about_notifications_are_accessible() {
    let portal = Portal::on_sqlite();
    let mut page = Inspector::signed_in(&portal, Persona::Owner);
    page.open(&acme("/notifications"), "Email notifications");
    assert!(page.profile.shows("Nobody besides the Owners"));
    page.open(&acme("/notifications/log"), "What was sent");
    page.open(&acme("/notifications/add"), "Add recipient");
    page.profile.press("Add recipient");
    page.profile.sees("Enter an e-mail address.");
    page.inspect("Add recipient");
    portal.add_recipient(LONG_EMAIL, Kinds { payments: false, ..Kinds::ALL });
    outbox::give_up(&portal.app, LONG_EMAIL, Undeliverable::Unreachable);
    portal.add_confirmed(BOOKS, Kinds::ALL);
    portal.payment_fails();
    page.open(&acme("/notifications"), "Email notifications");
    assert!(page.profile.shows("Not confirmed") && page.profile.shows("Active"));
    page.open(&acme("/notifications/own"), "What you get");
    page.open(&acme(&format!("/notifications/recipients/{}", portal.recipient(LONG_EMAIL).id)), LONG_EMAIL);
    page.open(&acme("/notifications/log"), "What was sent");
    assert!(page.profile.shows("No mail server took it for three days."));
    page.finish();

    let mut page = Inspector::new(&portal);
    let link = portal.mails_to(LONG_EMAIL)[0].text.clone();
    let start = link.find("/notifications/confirm/").expect("a link");
    let confirm = link[start..].split_whitespace().next().expect("a link").to_owned();
    page.open(&confirm, "Messages from Acme");
    page.profile.press("Confirm this address");
    page.inspect("Address confirmed");
    page.open(&confirm, "This link no longer works");
    page.open(&unsubscribe_link(&portal, BOOKS), "Messages from Acme");
    page.profile.press("Unsubscribe");
    page.inspect("Unsubscribed");
    page.finish();
}
