//! What a page about several people said would happen is what happens, or nothing does.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::bulk::{crowd, guests, post};
use crate::support::{Persona, Portal, acme, invite, on_both};

const CHANGED: &str = "The list has changed since you looked: nothing was done.";

/// The address of a page about these people.
fn about(action: &str, ids: &[&str]) -> String {
    let selected: Vec<String> = ids.iter().map(|id| format!("selected={id}")).collect();
    acme(&format!("/people/{action}?{}", selected.join("&")))
}

#[apply(on_both)]
fn who_came_in_the_place_of_somebody_who_went_is_not_removed_unseen(#[case] portal: &Portal) {
    crowd(portal, 3);
    let owner = portal.signed_in(Persona::Owner);
    for (action, gone, new) in
        [("roles", "crowd0@example.com", "ann@example.com"), ("remove", "ann@example.com", "bob@example.com")]
    {
        let page = owner.get(&acme(&format!("/people/{action}?role=member&all=yes")));
        portal.take_out(gone);
        portal.add_person(new, Role::Member);
        let recorded = portal.recorded(|| {
            let answer = post(&owner, &page, &[("role", "reader")]);
            assert_eq!(answer.status, 409, "{action}");
            assert!(answer.text().contains(CHANGED) && answer.text().contains(new), "{}", answer.text());
        });
        assert!(recorded.is_empty(), "{action}: {recorded:?}");
    }
    let page = owner.get(&acme("/people/remove?role=member&all=yes"));
    assert_eq!(post(&owner, &page, &[]).status, 303, "looked at again");
    assert_eq!(portal.role_of("bob@example.com"), None);
}

#[apply(on_both)]
fn who_was_invited_in_the_place_of_somebody_else_is_not_sent_anything_unseen(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    guests(&owner, 3);
    let page = owner.get(&acme("/people/resend?status=pending&all=yes"));
    let gone = portal.invitation_id("guest000@example.net").expect("it is open");
    owner.post(&acme(&format!("/people/{gone}/withdraw")), &[]);
    invite(&owner, "other@example.net", Role::Reader);
    let recorded = portal.recorded(|| {
        let answer = post(&owner, &page, &[]);
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains(CHANGED) && answer.text().contains("other@example.net"), "{}", answer.text());
        assert_eq!(post(&portal.signed_in(Persona::Owner), &answer, &[]).status, 303);
    });
    assert_eq!(recorded.len(), 3, "once it was looked at: {recorded:?}");
}

#[apply(on_both)]
fn a_role_that_became_another_one_meanwhile_is_shown_first(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let ids = [portal.membership(Persona::Reader), portal.membership(Persona::Member)];
    for (query, action) in [
        (about("roles", &[&ids[0], &ids[1]]), [("role", "member")]),
        (acme("/people/roles?status=active&all=yes"), [("role", "member")]),
        (about("remove", &[&ids[0], &ids[1]]), [("unknown", "")]),
        (acme("/people/remove?status=active&all=yes"), [("unknown", "")]),
    ] {
        portal.set_role("rita@example.com", Role::Reader);
        let page = owner.get(&query);
        portal.set_role("rita@example.com", Role::Manager);
        let answer = post(&owner, &page, &action);
        assert_eq!(answer.status, 409, "{query}");
        assert!(answer.text().contains(CHANGED), "{}", answer.text());
        assert_eq!(portal.role_of("rita@example.com"), Some(Role::Manager), "{query}");
    }
    let page = owner.get(&about("roles", &[&ids[0], &ids[1]]));
    assert_eq!(post(&owner, &page, &[("role", "member")]).status, 303);
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Member));
}

#[apply(on_both)]
fn a_form_that_is_sent_twice_says_that_it_is_done(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let ids = [portal.membership(Persona::Reader), portal.membership(Persona::Member)];
    let twice = |page: &str, more: &[(&str, &str)]| {
        let page = owner.get(page);
        assert_eq!(post(&owner, &page, more).status, 303);
        owner.follow(post(&owner, &page, more)).text()
    };
    let said = twice(&about("roles", &[&ids[0], &ids[1]]), &[("role", "editor")]);
    assert!(said.contains("2 had that role already."), "{said}");
    let said = twice(&about("remove", &[&ids[0], &ids[1]]), &[]);
    assert!(said.contains("They were gone already. Nothing was changed."), "{said}");
    let said = twice(&acme("/people/remove?role=editor&all=yes"), &[]);
    assert!(said.contains("They were gone already. Nothing was changed."), "{said}");
}

#[apply(on_both)]
fn who_is_left_out_may_come_and_go_and_is_not_touched(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/people/roles?all=yes"));
    invite(&owner, "late@example.net", Role::Reader);
    assert_eq!(post(&owner, &page, &[("role", "reader")]).status, 303);
    assert_eq!(portal.role_of("manuel@example.com"), Some(Role::Reader));
    let page = owner.get(&acme("/people/remove?all=yes"));
    assert!(page.text().contains("Olga Tester : This is you."), "{}", page.text());
    let said = owner.follow(post(&owner, &page, &[])).html();
    assert!(said.text(".notice").contains("5 people or invitations were removed."), "{}", said.text(".notice"));
    assert!(!said.has(".notice-error"), "the page had said that she stays");
}

/// Nobody has seen whom it is about.
#[apply(on_both)]
fn all_that_match_are_never_meant_without_a_page_that_names_them(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    guests(&owner, 2);
    for action in ["roles", "remove", "resend"] {
        for seen in ["", "5", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"] {
            let recorded = portal.recorded(|| {
                let fields = [("all", "yes"), ("role", "reader"), ("seen", seen), ("count", "7")];
                let answer = owner.post(&acme(&format!("/people/{action}")), &fields);
                assert_eq!(answer.status, 409, "{action}");
                assert!(answer.text().contains(CHANGED), "{}", answer.text());
            });
            assert!(recorded.is_empty(), "{action}: {recorded:?}");
        }
    }
}

#[apply(on_both)]
fn a_field_beside_those_who_were_selected_comes_once(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    for field in ["role", "all", "seen"] {
        let fields = [("selected", id.as_str()), ("role", "editor"), (field, "editor"), (field, "member")];
        assert_eq!(owner.post(&acme("/people/roles"), &fields).status, 400, "{field}");
    }
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader));
}
