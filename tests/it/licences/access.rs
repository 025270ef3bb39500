//! Access for Readers and Members.

use portico::access::Role;
use portico::licences::grants::Grant;
use portico::licences::seats::Occupy;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{Persona, Portal, acme, change_role, on_both};

#[apply(on_both)]
fn a_reader_sees_and_uses_what_they_were_given_and_nothing_else(#[case] portal: &Portal) {
    let (given, other) = (portal.licence(Term::Yearly, 2), portal.licence(Term::Perpetual, 2));
    let reader = portal.signed_in(Persona::Reader);
    assert!(reader.get(&acme("/plans")).text().contains("No licence for you yet"));
    for licence in [&given, &other] {
        assert_eq!(reader.get(&page_of(licence, "")).status, 404);
        assert_eq!(reader.post(&page_of(licence, "/occupy"), &[]).status, 404);
        assert_eq!(reader.post(&page_of(licence, "/release"), &[]).status, 404);
    }
    let manager = portal.signed_in(Persona::Manager);
    let recorded = portal.recorded(|| {
        let answer = manager.post(&page_of(&given, "/access"), &[("email", " Rita@Example.com ")]);
        assert!(manager.follow(answer).text().contains("Rita Tester has access now."));
    });
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "licence.access.granted"));
    let list = reader.get(&acme("/plans"));
    assert_eq!(list.html().texts(".plan h3"), ["Mapper"]);
    assert_eq!(list.html().attributes(".plan h3 a", "href"), [page_of(&given, "")]);
    assert!(!list.html().has("nav.tabs"), "they see all they have");
    let page = reader.get(&page_of(&given, ""));
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("Who has a seat") && !page.text().contains("Access for Readers"));
    assert_eq!(reader.post(&page_of(&given, "/occupy"), &[]).status, 303);
    assert_eq!(portal.seats_of(&given), ["rita@example.com"]);
    assert_eq!(reader.get(&page_of(&other, "")).status, 404);

    // Taking the access takes the seat.
    let path = manager.get(&page_of(&given, "")).html().attributes("[aria-labelledby=access-title] li form", "action");
    let recorded = portal.recorded_actions(|| {
        let answer = manager.follow(manager.post(&path[0], &[]));
        assert!(answer.text().contains("Rita Tester has no access any more, and their seat is free."));
        let again = manager.follow(manager.post(&path[0], &[]));
        assert!(again.text().contains("Rita Tester has no access of this kind. Nothing was changed."));
    });
    assert_eq!(recorded, ["licence.access.revoked", "licence.seat.released"]);
    assert!(portal.seats_of(&given).is_empty());
    assert_eq!(reader.get(&page_of(&given, "")).status, 404, "with the next request");
}

#[apply(on_both)]
fn who_cannot_be_given_access_is_said_beside_the_field(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 2);
    let manager = portal.signed_in(Persona::Manager);
    for (email, sentence) in [
        ("", "Enter an e-mail address."),
        ("nobody", "Enter an e-mail address like name@example.com."),
        ("edith@example.com", "Edith Tester is Editor, and uses every licence without this."),
        ("otto@example.com", "Nobody with this address is in Acme. Invite them first."),
        ("unknown@example.com", "Nobody with this address is in Acme. Invite them first."),
    ] {
        let recorded = portal.recorded_actions(|| {
            let answer = manager.post(&page_of(&licence, "/access"), &[("email", email)]);
            assert_eq!(answer.status, 422, "{email}");
            assert_eq!(answer.html().text("#email-error"), sentence);
            assert_eq!(answer.html().value("email"), email);
        });
        assert!(recorded.is_empty(), "{recorded:?}");
    }
    assert_eq!(portal.give_access(&licence, "milo@example.com"), Grant::Granted { name: "Milo Tester".to_owned() });
    let again = manager.post(&page_of(&licence, "/access"), &[("email", "milo@example.com")]);
    assert!(manager.follow(again).text().contains("Milo Tester has access already. Nothing was changed."));
}

#[apply(on_both)]
fn a_lower_role_frees_the_seats_that_it_does_not_give(#[case] portal: &Portal) {
    let (with_access, without) = (portal.licence(Term::Yearly, 2), portal.licence(Term::Yearly, 2));
    portal.give_access(&with_access, "rita@example.com");
    let owner = portal.signed_in(Persona::Owner);
    let rita = portal.membership(Persona::Reader);
    assert_eq!(change_role(&owner, &rita, Role::Reader, Role::Editor).status, 303);
    for licence in [&with_access, &without] {
        assert_eq!(portal.occupy(licence, Persona::Reader), Occupy::Occupied);
    }
    let recorded = portal.recorded_actions(|| {
        assert_eq!(change_role(&owner, &rita, Role::Editor, Role::Member).status, 303);
    });
    assert_eq!(recorded, ["licence.seat.released", "member.role.changed"]);
    assert_eq!(portal.seats_of(&with_access), ["rita@example.com"], "what was given to her stays hers");
    assert!(portal.seats_of(&without).is_empty());
    // From Manager to Editor nothing changes.
    portal.occupy(&without, Persona::Manager);
    assert_eq!(change_role(&owner, &portal.membership(Persona::Manager), Role::Manager, Role::Editor).status, 303);
    assert_eq!(portal.seats_of(&without), ["manuel@example.com"]);
}

#[apply(on_both)]
fn the_page_of_a_person_lists_their_licences(#[case] portal: &Portal) {
    let (seated, given) = (portal.licence(Term::Yearly, 2), portal.licence(Term::Trial, 2));
    portal.give_access(&seated, "rita@example.com");
    portal.give_access(&given, "rita@example.com");
    portal.occupy(&seated, Persona::Reader);
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&acme(&format!("/people/{}", portal.membership(Persona::Reader)))).html();
    let lines = page.texts("[aria-labelledby=licences-title] li");
    assert_eq!(lines, ["Mapper Team , has a seat Active", "Mapper Team , has access Trial"]);
    let links = page.attributes("[aria-labelledby=licences-title] a", "href");
    assert_eq!(links, [page_of(&seated, ""), page_of(&given, "")]);
    let page = manager.get(&acme(&format!("/people/{}", portal.membership(Persona::Editor)))).text();
    assert!(page.contains("Editors use every licence of this Organization. This person has no seat."), "{page}");
}
