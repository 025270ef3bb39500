//! The domains whose addresses can be invited.

use chrono::Duration;
use portico::access::Role;
use portico::db::DbError;
use portico::organizations::organization::{self, Settings};
use portico::organizations::settings::{self, SaveSettings};
use portico::people::invite::Invite;
use rstest::rstest;
use rstest_reuse::apply;

use super::settings::{EDIT, save};
use crate::support::{Persona, Portal, acme, at_once, invite, invite_one, on_both};

const ONLY: &str = "Only addresses of acme.example, xn--exmple-cua.net can be invited";

/// An Owner narrows the domains.
pub fn narrow(portal: &Portal, invitation_domains: &str) {
    let scope = portal.scope(Persona::Owner);
    let saved = portal.app.write_now::<_, DbError>(|tx| {
        let stored = organization::load(tx.connection, scope.organization_id())?;
        let changed = Settings { invitation_domains: invitation_domains.to_owned(), ..stored.settings.clone() };
        settings::save(tx, &scope, &changed, stored.version)
    });
    assert_eq!(saved.expect("they are stored"), SaveSettings::Saved);
}

#[apply(on_both)]
fn an_owner_narrows_the_domains_in_one_spelling_and_it_is_shown_and_recorded(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    assert!(manager.get(&acme("/settings")).text().contains("Addresses that can be invited Any"));
    let typed = " @Acme.EXAMPLE, exämple.net;acme.example ";
    let recorded = portal.recorded(|| assert_eq!(save(&owner, &[("invitation_domains", typed)]).status, 303));
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!(row.before, r#"{"invitation_domains":""}"#);
    assert_eq!(row.after, r#"{"invitation_domains":"acme.example xn--exmple-cua.net"}"#);
    let shown = manager.get(&acme("/settings")).text();
    assert!(shown.contains("Addresses that can be invited Those of acme.example, xn--exmple-cua.net"), "{shown}");
    let log = manager.get(&acme("/activity?kind=settings")).html().text("table.table-activity tbody th");
    assert!(log.contains("Domains that can be invited: acme.example, xn--exmple-cua.net"), "{log}");
    for wrong in ["acme", "ada@acme.example", "acme.example http://x", "-"] {
        let answer = save(&owner, &[("invitation_domains", wrong)]);
        let said = answer.html().text("#invitation_domains-error");
        assert_eq!(
            (answer.status, said.as_str()),
            (422, "Enter domains like example.com, with commas or spaces between them.")
        );
        assert_eq!(answer.html().value("invitation_domains"), wrong, "what was typed is kept");
    }
    for persona in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let answer = portal.signed_in(persona).post(EDIT, &[("version", "3"), ("invitation_domains", "")]);
        assert_eq!(answer.status, 403, "{persona:?}");
    }
    assert_eq!(portal.signed_in(Persona::Outsider).post(EDIT, &[("version", "3")]).status, 404);
}

#[apply(on_both)]
fn only_addresses_of_the_domains_are_invited_typed_pasted_or_from_a_file(#[case] portal: &Portal) {
    narrow(portal, "acme.example xn--exmple-cua.net");
    for persona in [Persona::Manager, Persona::Owner] {
        let browser = portal.signed_in(persona);
        let refused = invite(&browser, "new@elsewhere.example", Role::Reader);
        assert_eq!(refused.status, 422);
        let said = refused.html().text("#emails-error");
        assert!(said.contains(ONLY), "{said}");
    }
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(invite(&owner, "one@ACME.example", Role::Reader).status, 303);
    let several = invite(&owner, "two@exämple.net\nthree@dept.acme.example\nrita@example.com", Role::Reader);
    let text = several.text();
    assert!(text.contains(ONLY) && text.contains("1 is a member already"), "{text}");
    assert_eq!(several.html().value("emails").trim(), "three@dept.acme.example", "what was not sent stays");
    let fields = [("emails", ""), ("role", "reader")];
    let file: &[u8] = b"email\nfour@acme.example\nfive@elsewhere.example\n";
    let from_file = owner.upload(&acme("/people/invite"), &fields, &[("csv", "people.csv", file)]);
    assert!(from_file.text().contains(ONLY), "{}", from_file.text());
    for (email, is_invited) in [
        ("one@acme.example", true),
        ("two@xn--exmple-cua.net", true),
        ("three@dept.acme.example", false),
        ("four@acme.example", true),
        ("five@elsewhere.example", false),
        ("new@elsewhere.example", false),
    ] {
        assert_eq!(portal.invitation_id(email).is_some(), is_invited, "{email}");
        assert_eq!(portal.mails_to(email).len(), usize::from(is_invited), "{email}");
    }
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader), "who is here stays");
}

#[apply(on_both)]
fn what_was_sent_before_stays_open_and_is_not_sent_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for email in ["old@elsewhere.example", "old@acme.example"] {
        assert_eq!(invite(&owner, email, Role::Reader).status, 303);
    }
    narrow(portal, "acme.example");
    let id = portal.invitation_id("old@elsewhere.example").expect("it is open");
    let answer = owner.follow(owner.post(&acme(&format!("/people/{id}/resend")), &[]));
    let said = "Nothing was sent to old@elsewhere.example: only addresses of acme.example can be invited.";
    assert!(answer.text().contains(said), "{}", answer.text());
    let bulk = acme("/people/resend?status=pending&all=yes");
    let seen = owner.get(&bulk).html().value("seen");
    let many = owner.follow(owner.post(&bulk, &[("all", "yes"), ("seen", &seen)]));
    let said = "1 not sent: only addresses of acme.example can be invited.";
    assert!(many.text().contains(said), "{}", many.text());
    // A lapsed one is not reissued, either.
    portal.later(Duration::days(16));
    let lapsed = invite(&portal.signed_in(Persona::Owner), "old@elsewhere.example", Role::Reader);
    assert_eq!(lapsed.status, 422);
    assert_eq!(portal.mails_to("old@elsewhere.example").len(), 1);
    assert_eq!(portal.mails_to("old@acme.example").len(), 2);
}

#[apply(on_both)]
fn nobody_of_another_domain_is_invited_after_it_was_narrowed(#[case] portal: &Portal) {
    let manager = portal.scope(Persona::Manager);
    for number in 0..6 {
        let email = format!("racer-{number}@elsewhere.example");
        let send = || portal.app.write_now::<_, DbError>(|tx| invite_one(tx, &manager, &email, Role::Reader));
        let ((), outcome) = at_once(|| narrow(portal, "acme.example"), send);
        let is_sent = match outcome.expect("the transaction commits") {
            Invite::Sent => true,
            Invite::OtherDomain { .. } => false,
            other => panic!("{other:?}"),
        };
        let log = portal.actions();
        let changed = log.iter().rposition(|action| action == "organization.settings.changed");
        let invited = log.iter().rposition(|action| action == "invitation.sent").filter(|_| is_sent);
        assert!(invited.is_none_or(|invited| Some(invited) < changed), "{log:?}");
        narrow(portal, "");
    }
}
