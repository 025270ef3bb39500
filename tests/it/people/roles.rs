//! Changing somebody's role: the form, the mail, the activity row.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, at_once, change_role, on_both};

#[apply(on_both)]
fn a_changed_role_is_mailed_recorded_and_shown(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let id = portal.membership(Persona::Reader);
    let page = manager.get(&acme(&format!("/people/{id}")));
    assert_eq!(page.html().text("h1"), "Rita Tester");
    assert_eq!(page.html().value("current"), "reader");
    let recorded = portal.recorded(|| {
        let answer = change_role(&manager, &id, Role::Reader, Role::Manager);
        assert_eq!(answer.location(), acme(&format!("/people#{id}")));
        assert!(manager.follow(answer).text().contains("Rita Tester is now Manager."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("member.role.changed", "Rita Tester"));
    assert_eq!(
        (row.before.as_str(), row.after.as_str()),
        (r#"{"email":"rita@example.com","role":"reader"}"#, r#"{"role":"manager"}"#)
    );
    assert_eq!((row.actor_name.as_str(), row.actor_role.as_str()), ("Manuel Tester", "manager"));
    assert_eq!(row.ip, "127.0.0.1");
    assert_eq!(row.organization.as_deref(), Some(portal.organization_id().as_str()));
    let mails = portal.mails_to("rita@example.com");
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Your role in Acme on Portico is now Manager");
    assert!(mails[0].text.contains("Manuel Tester") && mails[0].text.contains("Before: Reader"), "{}", mails[0].text);
    assert!(mails[0].text.contains(&format!("{}{}", portal.url, acme(""))), "{}", mails[0].text);
}

#[apply(on_both)]
fn a_stale_form_is_told_and_can_be_sent_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    portal.set_role("rita@example.com", Role::Editor);
    let recorded = portal.recorded(|| {
        let answer = change_role(&owner, &id, Role::Reader, Role::Member);
        assert_eq!(answer.status, 409);
        assert!(answer.text().contains("Somebody else changed this role to Editor meanwhile."), "{}", answer.text());
        assert_eq!(answer.html().value("current"), "editor", "the form is about the role of now");
        assert_eq!(answer.html().attributes("input[name=role][checked]", "value"), ["member"], "the choice is kept");
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Editor));
    assert!(portal.mails_to("rita@example.com").is_empty());
    assert_eq!(change_role(&owner, &id, Role::Editor, Role::Member).status, 303);
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Member));
}

#[apply(on_both)]
fn the_same_role_again_changes_and_mails_nothing(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let recorded = portal.recorded(|| {
        let answer = change_role(&owner, &portal.membership(Persona::Reader), Role::Reader, Role::Reader);
        assert!(owner.follow(answer).text().contains("has the role Reader already. Nothing was changed."));
    });
    assert!(recorded.is_empty());
    assert!(portal.mails_to("rita@example.com").is_empty());
}

/// Who would be asked to confirm what is refused anyway is refused at once, with nothing to confirm.
#[apply(on_both)]
fn what_will_be_refused_is_not_asked_about(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    let (olga, rita) = (portal.membership(Persona::Owner), portal.membership(Persona::Reader));
    let above = "nobody can give or take away a role above their own";
    for (browser, id, (current, role), status, sentence) in [
        (&manager, &olga, ("owner", "reader"), 403, above),
        (&manager, &rita, ("reader", "owner"), 403, above),
        (&owner, &olga, ("owner", "member"), 409, "This is the only Owner. Make somebody else Owner first."),
        (&owner, &rita, ("member", "owner"), 409, "Somebody else changed this role to Reader meanwhile."),
    ] {
        let path = acme(&format!("/people/{id}/role"));
        let answer = browser.post(&path, &[("role", role), ("current", current)]);
        assert_eq!(answer.status, status, "{}", answer.text());
        // Where there is no form, the page says why.
        let is_said = answer.text().contains(sentence) || answer.text().contains("Only an Owner can change");
        assert!(is_said, "{sentence}: {}", answer.text());
        let row = browser.post(&path, &[("choice", role), ("current", current)]);
        assert_eq!(row.location(), acme(&format!("/people#{id}")));
        assert!(browser.follow(row).html().text(".list-bar .notice").contains(sentence));
    }
    let unchanged = owner.post(&acme(&format!("/people/{olga}/role")), &[("role", "owner"), ("current", "member")]);
    assert!(owner.follow(unchanged).text().contains("has the role Owner already. Nothing was changed."));
}

#[apply(on_both)]
fn a_double_click_changes_a_role_once(#[case] portal: &Portal) {
    let (owner, window) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Owner));
    let id = portal.membership(Persona::Member);
    let recorded = portal.recorded_actions(|| {
        let click = |browser| change_role(browser, &id, Role::Member, Role::Editor).status;
        assert_eq!(at_once(|| click(&owner), || click(&window)), (303, 303));
    });
    assert_eq!(recorded, ["member.role.changed"]);
    assert_eq!(portal.mails_to("milo@example.com").len(), 1);
}

#[apply(on_both)]
fn who_lowers_their_own_role_lands_where_they_still_may_be(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Owner);
    let answer = change_role(&owner, &id, Role::Owner, Role::Manager);
    assert_eq!(answer.location(), acme(&format!("/people#{id}")));
    let answer = change_role(&owner, &id, Role::Manager, Role::Member);
    assert_eq!(answer.location(), acme(""));
    assert!(owner.follow(answer).text().contains("You are now Member."));
    assert!(portal.mails_to("olga@example.com").is_empty(), "nobody is told what they did themselves");
}

#[apply(on_both)]
fn a_role_that_is_none_is_refused_beside_the_field(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let path = acme(&format!("/people/{}/role", portal.membership(Persona::Member)));
    let forms: [&[(&str, &str)]; 4] = [
        &[("role", "king"), ("current", "member")],
        &[("role", "Owner"), ("current", "member")],
        &[("current", "member")],
        &[("role", "editor"), ("current", "king")],
    ];
    for form in forms {
        let answer = owner.post(&path, form);
        assert_eq!(answer.status, 422, "{form:?}");
        assert_eq!(answer.html().text("#role-error"), "Choose one of the roles.");
    }
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Member));
}

#[apply(on_both)]
fn the_role_of_somebody_who_is_gone_is_not_found(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Member);
    portal.take_out("milo@example.com");
    assert_eq!(change_role(&owner, &id, Role::Member, Role::Editor).status, 404);
    assert_eq!(owner.get(&acme(&format!("/people/{id}"))).status, 404);
    assert_eq!(owner.get(&acme("/people/mem_nonsense")).status, 404);
}
