//! "Remove user": the page that names everybody, and what becomes of them.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, at_once, invite, on_both};

/// The confirmation page of these ids.
fn confirmation(ids: &[&str]) -> String {
    let selected: Vec<String> = ids.iter().map(|id| format!("selected={id}")).collect();
    acme(&format!("/people/remove?{}", selected.join("&")))
}

#[apply(on_both)]
fn several_are_removed_after_a_page_that_names_them(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "pending@example.com", Role::Reader);
    let (reader, member) = (portal.membership(Persona::Reader), portal.membership(Persona::Member));
    let pending = portal.invitation_id("pending@example.com").unwrap();
    let page = manager.get(&confirmation(&[&reader, &member, &pending]));
    assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Remove users"));
    let text = page.text();
    for word in ["Rita Tester", "rita@example.com", "Milo Tester", "2 members", "pending@example.com", "not deleted"] {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
    assert!(page.html().has_button("Remove user"));
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader), "looking removes nobody");
    let mut selected = page.html().attributes("main form input[name=selected]", "value");
    selected.sort();
    let mut expected = [reader.clone(), member.clone(), pending];
    expected.sort();
    assert_eq!(selected, expected);

    let fields: Vec<(&str, &str)> = selected.iter().map(|id| ("selected", id.as_str())).collect();
    let recorded = portal.recorded(|| {
        let answer = manager.post(&acme("/people/remove"), &fields);
        assert_eq!((answer.status, answer.location()), (303, acme("/people").as_str()));
        let said = manager.follow(answer).text();
        for sentence in [
            "Rita Tester was removed.",
            "Milo Tester was removed.",
            "The invitation to pending@example.com was withdrawn.",
        ] {
            assert!(said.contains(sentence), "{said}");
        }
    });
    let actions: Vec<&str> = recorded.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["invitation.withdrawn", "member.removed", "member.removed"]);
    let row = &recorded[2];
    assert_eq!(
        (row.subject_name.as_str(), row.before.as_str()),
        ("Rita Tester", r#"{"email":"rita@example.com","role":"reader"}"#)
    );
    assert_eq!(
        (row.actor_name.as_str(), row.actor_role.as_str(), row.after.as_str()),
        ("Manuel Tester", "manager", "")
    );
    for email in ["rita@example.com", "milo@example.com"] {
        assert_eq!(portal.role_of(email), None);
        let mails = portal.mails_to(email);
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].subject, "You no longer have access to Acme");
        assert!(mails[0].text.contains("Manuel Tester ended your access"), "{}", mails[0].text);
    }
    assert_eq!(portal.invitation_outcomes("pending@example.com"), [Some("withdrawn".to_owned())]);
    assert!(portal.mails_to("pending@example.com").is_empty(), "not even the invitation, which had not left yet");
}

#[apply(on_both)]
fn a_removed_person_keeps_their_account_and_can_be_invited_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    owner.post(&acme("/people/remove"), &[("selected", &portal.membership(Persona::Editor))]);
    let editor = portal.signed_in(Persona::Editor);
    assert!(editor.get("/home").text().contains("You are not in an Organization yet"));
    assert!(!owner.get(&acme("/people?search=edith")).text().contains("edith@example.com"), "nor found");
    assert!(!owner.get(&acme("/people")).text().contains("edith@example.com"));
    assert_eq!(invite(&owner, "edith@example.com", Role::Reader).status, 303);
    let invitation = portal.invitation_id("edith@example.com").unwrap();
    assert_eq!(editor.post(&format!("/home/invitations/{invitation}/accept"), &[]).location(), acme(""));
    assert_eq!(portal.role_of("edith@example.com"), Some(Role::Reader));
}

#[apply(on_both)]
fn who_is_gone_already_is_said_to_be_gone(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Member);
    portal.take_out("milo@example.com");
    assert_eq!(owner.get(&confirmation(&[&id])).status, 404);
    let recorded = portal.recorded(|| {
        let answer = owner.post(&acme("/people/remove"), &[("selected", &id)]);
        assert!(owner.follow(answer).text().contains("They were gone already. Nothing was changed."));
    });
    assert!(recorded.is_empty());
    assert!(portal.mails_to("milo@example.com").is_empty());
}

#[apply(on_both)]
fn a_double_click_removes_and_tells_once(#[case] portal: &Portal) {
    let (owner, window) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Owner));
    let id = portal.membership(Persona::Member);
    let recorded = portal.recorded_actions(|| {
        let click =
            |browser: &crate::support::Browser| browser.post(&acme("/people/remove"), &[("selected", &id)]).status;
        assert_eq!(at_once(|| click(&owner), || click(&window)), (303, 303));
    });
    assert_eq!(recorded, ["member.removed"]);
    assert_eq!(portal.mails_to("milo@example.com").len(), 1);
}

#[apply(on_both)]
fn who_cannot_be_removed_is_named_and_the_others_are_removed(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let ids = [Persona::Owner, Persona::Manager, Persona::Member].map(|persona| portal.membership(persona));
    let page = manager.get(&confirmation(&[&ids[0], &ids[1], &ids[2]]));
    let text = page.text();
    assert!(text.contains("Olga Tester : Has a higher role than you."), "{text}");
    assert!(text.contains("Manuel Tester : This is you."), "{text}");
    assert_eq!(page.html().attributes("main form input[name=selected]", "value"), [ids[2].clone()]);
    let fields = ids.each_ref().map(|id| ("selected", id.as_str()));
    let answer = manager.post(&acme("/people/remove"), &fields);
    let said = manager.follow(answer);
    assert!(said.html().has(".notice-error"));
    assert!(said.text().contains("Milo Tester was removed."));
    assert!(said.text().contains("You cannot remove yourself: leave the Organization instead."));
    assert!(said.text().contains("Your role does not allow to remove some of them."));
    assert_eq!(portal.role_of("milo@example.com"), None);
    assert_eq!(portal.role_of("manuel@example.com"), Some(Role::Manager));
    assert_eq!(portal.role_of("olga@example.com"), Some(Role::Owner));
}

#[apply(on_both)]
fn nobody_selected_leads_back(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for path in ["/people/remove", "/people/remove?selected=nonsense"] {
        let answer = owner.get(&acme(path));
        assert_eq!((answer.status, answer.location()), (303, acme("/people").as_str()));
        assert!(owner.follow(answer).text().contains("Select at least one person first."));
    }
    assert_eq!(owner.post(&acme("/people/remove"), &[]).status, 303);
}

#[apply(on_both)]
fn people_of_another_organization_are_out_of_reach(#[case] portal: &Portal) {
    let foreign = portal.scope_of("otto@example.com", "elsewhere").membership.id.to_string();
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(owner.get(&confirmation(&[&foreign])).status, 404);
    assert_eq!(owner.get(&acme(&format!("/people/{foreign}"))).status, 404);
    let recorded = portal.recorded(|| {
        owner.post(&acme("/people/remove"), &[("selected", &foreign)]);
        assert_eq!(crate::support::change_role(&owner, &foreign, Role::Owner, Role::Member).status, 404);
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.scope_of("otto@example.com", "elsewhere").membership.role, Role::Owner);
}
