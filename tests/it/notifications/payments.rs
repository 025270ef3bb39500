//! Who hears of payments that fail.

use portico::access::Role;
use portico::notifications::kinds::Kinds;
use portico::notifications::owners;
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, subjects};
use crate::support::{Persona, Portal, acme, on_both};

#[apply(on_both)]
fn owners_and_who_chose_it_hear_of_it_and_nobody_else(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds { payments: true, ..Kinds::NONE });
    portal.add_confirmed("renewals@example.net", Kinds { payments: false, ..Kinds::ALL });
    portal.add_person("second@example.com", Role::Owner);
    assert_eq!(portal.payment_fails(), 3);
    for email in ["olga@example.com", "second@example.com"] {
        assert_eq!(subjects(portal, email), ["A payment of Acme on Portico failed"]);
    }
    assert_eq!(subjects(portal, BOOKS).len(), 2);
    assert_eq!(subjects(portal, "renewals@example.net").len(), 1, "the one that asked to confirm");
    assert_eq!(subjects(portal, &Persona::Manager.email()), Vec::<String>::new());
    let mail = portal.mails_to("second@example.com").remove(0);
    assert!(mail.text.starts_with("Hello second,"), "{}", mail.text);
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(owner.post(&acme("/notifications/own"), &[("sent", "yes"), ("expired", "true")]).status, 303);
    assert_eq!(portal.payment_fails(), 2, "an Owner can switch it off");
}

#[apply(on_both)]
fn the_owners_can_be_asked_for(#[case] portal: &Portal) {
    let organization = portal.organization_id();
    portal.add_person("second@example.com", Role::Owner);
    portal.add_person("editor@example.com", Role::Editor);
    let found = portal.app.db.read(|connection| owners(connection, &organization)).expect("they are read");
    let emails: Vec<&str> = found.iter().map(|owner| owner.email.as_str()).collect();
    assert_eq!(emails, ["olga@example.com", "second@example.com"]);
    assert!(found.iter().all(|owner| owner.kinds == Kinds::ALL));
}
