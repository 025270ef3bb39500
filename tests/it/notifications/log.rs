//! What was sent to whom, and what became of it.

use chrono::Duration;
use portico::mail::Undeliverable;
use portico::notifications::kinds::Kinds;
use rstest::rstest;
use rstest_reuse::apply;

use super::BOOKS;
use crate::support::{Browser, Persona, Portal, acme, on_both, outbox};

fn rows(browser: &Browser) -> Vec<String> {
    browser.get(&acme("/notifications/log")).html().texts("tbody tr")
}

#[apply(on_both)]
fn the_log_says_what_was_delivered_what_waits_and_what_failed(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    assert!(manager.get(&acme("/notifications/log")).text().contains("Nothing was sent yet"));
    portal.add_recipient(BOOKS, Kinds::ALL);
    outbox::give_up(&portal.app, BOOKS, Undeliverable::NoMailbox);
    portal.payment_fails();
    assert_eq!(
        rows(&manager),
        [
            "23 Nov 2026 Payment problems A payment of Acme on Portico failed olga@example.com Waiting",
            "23 Nov 2026 Confirmation Acme on Portico asks to send messages to your address books@example.net \
             Failed There is no such mailbox.",
        ]
    );
    outbox::deliver(&portal.app);
    assert!(rows(&manager)[0].ends_with("Delivered"));
}

#[apply(on_both)]
fn what_became_of_a_mail_is_known_after_the_outbox_forgot_it_and_for_a_year(#[case] portal: &Portal) {
    portal.add_recipient(BOOKS, Kinds::ALL);
    outbox::give_up(&portal.app, BOOKS, Undeliverable::MailboxClosed);
    portal.payment_fails();
    outbox::run_due_jobs(portal);
    portal.later(Duration::hours(2));
    outbox::run_due_jobs(portal);
    portal.later(Duration::days(40));
    outbox::run_due_jobs(portal);
    assert_eq!(outbox::all(&portal.app).len(), 0, "the outbox has forgotten");
    let manager = portal.signed_in(Persona::Manager);
    let shown = rows(&manager);
    assert!(shown[0].ends_with("Delivered") && shown[1].contains("Failed"), "{shown:?}");
    portal.later(Duration::days(324));
    outbox::run_due_jobs(portal);
    assert_eq!(rows(&portal.signed_in(Persona::Manager)).len(), 2);
    portal.later(Duration::days(1));
    outbox::run_due_jobs(portal);
    assert_eq!(rows(&portal.signed_in(Persona::Manager)).len(), 0);
}

#[apply(on_both)]
fn a_long_log_is_read_page_by_page(#[case] portal: &Portal) {
    for _ in 0..120 {
        portal.payment_fails();
        portal.later(Duration::minutes(1));
    }
    let manager = portal.signed_in(Persona::Manager);
    let first = manager.get(&acme("/notifications/log")).html();
    assert_eq!(first.texts("tbody tr").len(), 50);
    let second = manager.get(&first.attributes("a[rel=next]", "href")[0]).html();
    let third = manager.get(&second.attributes("a[rel=next]", "href")[0]).html();
    assert_eq!((second.texts("tbody tr").len(), third.texts("tbody tr").len()), (50, 20));
    assert!(third.attributes("a[rel=next]", "href").is_empty());
    let back = manager.get(&third.attributes("a[rel=prev]", "href")[0]).html();
    assert_eq!(back.attributes("tbody time", "datetime"), second.attributes("tbody time", "datetime"));
    let others = portal.signed_in(Persona::Outsider).get("/organizations/elsewhere/notifications/log");
    assert!(others.text().contains("Nothing was sent yet"), "of another Organization");
}
