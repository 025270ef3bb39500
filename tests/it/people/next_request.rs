//! A change of role, a removal and a sign-out take effect on that person's very next request, on every server.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, change_role, on_both};

#[apply(on_both)]
fn a_lowered_role_counts_on_the_very_next_request(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    let id = portal.membership(Persona::Manager);
    assert_eq!(manager.get(&acme("/people")).status, 200);
    assert_eq!(change_role(&owner, &id, Role::Manager, Role::Editor).status, 303);
    let refused = manager.get(&acme("/people"));
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("It needs the role Manager or higher."));
    assert!(refused.text().contains("olga@example.com"), "it says who can help");
    assert_eq!(manager.post(&acme("/people/remove"), &[("selected", &portal.membership(Persona::Member))]).status, 403);
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));
    assert!(!manager.get(&acme("")).html().has_button("Manage People"));
}

#[apply(on_both)]
fn a_raised_role_counts_on_the_very_next_request(#[case] portal: &Portal) {
    let (owner, reader) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Reader));
    assert_eq!(reader.get(&acme("/people")).status, 403);
    assert_eq!(change_role(&owner, &portal.membership(Persona::Reader), Role::Reader, Role::Manager).status, 303);
    assert_eq!(reader.get(&acme("/people")).status, 200);
    assert!(reader.get(&acme("")).html().has_button("Manage People"));
}

#[apply(on_both)]
fn a_removed_person_is_an_outsider_on_the_very_next_request(#[case] portal: &Portal) {
    let (owner, editor) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Editor));
    assert_eq!(editor.get(&acme("")).status, 200);
    assert_eq!(owner.post(&acme("/people/remove"), &[("selected", &portal.membership(Persona::Editor))]).status, 303);
    for below in ["", "/people", "/leave", "/settings"] {
        assert_eq!(editor.get(&acme(below)).status, 404, "{below}");
    }
    let home = editor.get("/home");
    assert_eq!(home.status, 200, "the account is still signed in");
    assert!(!home.text().contains("Acme"), "neither the list nor the switcher names it");
}

#[apply(on_both)]
fn a_sign_out_ends_copies_of_the_cookie_too(#[case] portal: &Portal) {
    let browser = portal.signed_in(Persona::Member);
    let thief = browser.copy();
    assert_eq!(thief.get("/home").status, 200);
    let answer = browser.post("/sign-out", &[]);
    assert_eq!((answer.status, answer.location()), (303, "/sign-in?signed_out=true"));
    for path in ["/home".to_owned(), acme("")] {
        let answer = thief.get(&path);
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location().starts_with("/sign-in"), "{path}");
    }
    let answer = thief.post(&acme("/leave"), &[]);
    assert_eq!(answer.location(), "/sign-in?next=%2Forganizations%2Facme%2Fleave&undone=true", "nothing was done");
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));
}

#[apply(on_both)]
fn what_one_server_changes_the_other_knows_at_once(#[case] portal: &Portal) {
    let second = portal.second_server();
    let owner = portal.signed_in(Persona::Owner);
    let manager = portal.signed_in(Persona::Manager).at(&second.url);
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(manager.get(&acme("/people")).status, 200, "signed in on one, used on the other");
    change_role(&owner, &portal.membership(Persona::Manager), Role::Manager, Role::Reader);
    assert_eq!(manager.get(&acme("/people")).status, 403);
    owner.post(&acme("/people/remove"), &[("selected", &portal.membership(Persona::Manager))]);
    assert_eq!(manager.get(&acme("")).status, 404);
    let elsewhere = reader.at(&second.url);
    assert_eq!(elsewhere.get("/home").status, 200);
    reader.post("/sign-out", &[]);
    assert_eq!(elsewhere.get("/home").status, 303);
}
