//! What is done with several people at once: those who were ticked, or all that the list shows. The page before says what will happen.

use chrono::Duration;
use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::join;
use crate::support::{Answer, Browser, Persona, Portal, acme, invite, on_both};

pub(super) fn crowd(portal: &Portal, count: usize) {
    let one = |number: usize| (format!("crowd{number}@example.com"), format!("Name{number:03}"), "Crowd".to_owned());
    join(portal, &(0..count).map(one).collect::<Vec<_>>(), Role::Member);
}

pub(super) fn guests(browser: &Browser, count: usize) {
    let all: Vec<String> = (0..count).map(|number| format!("guest{number:03}@example.net")).collect();
    assert_eq!(invite(browser, &all.join("\n"), Role::Reader).status, 200);
}

/// The form of a page that asks to confirm, as it would be posted, with what is chosen besides.
pub(super) fn post(browser: &Browser, page: &Answer, more: &[(&str, &str)]) -> Answer {
    let html = page.html();
    // A message before it may offer the link of an invitation.
    let action = html.attributes("main form", "action").into_iter().find(|action| !action.ends_with("/link"));
    let names = html.attributes("main form input[type=hidden]", "name");
    let values = html.attributes("main form input[type=hidden]", "value");
    let mut fields: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    fields.extend(more);
    browser.post(&action.expect("the form of the page"), &fields)
}

#[apply(on_both)]
fn all_that_match_are_counted_first_and_removed_then(#[case] portal: &Portal) {
    crowd(portal, 120);
    let owner = portal.signed_in(Persona::Owner);
    let list = owner.get(&acme("/people?role=member"));
    assert!(list.text().contains("1–50 of 121"), "{}", list.text());
    assert!(list.text().contains("Select all 121"));
    let page = owner.get(&acme("/people/remove?role=member&all=yes"));
    assert!(page.text().contains("121 members") && page.text().contains("111 more"), "{}", page.text());
    assert_eq!(portal.role_of("crowd7@example.com"), Some(Role::Member), "looking removes nobody");
    let answer = post(&owner, &page, &[]);
    assert_eq!(answer.location(), acme("/people?role=member"));
    let said = owner.follow(answer);
    assert!(said.text().contains("121 people or invitations were removed."), "{}", said.text());
    assert!(said.text().contains("Nobody matches this filter"));
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader), "who did not match stays");
    let undo = said.html().attributes(".notice form", "action").remove(0);
    let answer = owner.post(&undo, &[]);
    assert!(owner.follow(answer).text().contains("All 121 are back as before."));
}

#[apply(on_both)]
fn a_list_that_changed_meanwhile_is_shown_again(#[case] portal: &Portal) {
    crowd(portal, 60);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/people/remove?role=member&all=yes"));
    portal.set_role("rita@example.com", Role::Member);
    let answer = post(&owner, &page, &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("The list has changed since you looked"), "{}", answer.text());
    assert!(answer.text().contains("62 members"));
    assert_eq!(portal.role_of("crowd7@example.com"), Some(Role::Member));
    assert_eq!(post(&owner, &answer, &[]).status, 303);
    assert_eq!(portal.role_of("rita@example.com"), None);
}

#[apply(on_both)]
fn more_than_a_thousand_are_refused(#[case] portal: &Portal) {
    crowd(portal, 1_000);
    let owner = portal.signed_in(Persona::Owner);
    let answer = owner.get(&acme("/people/remove?role=member&all=yes"));
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("At most 1,000 people can be changed at once."), "{}", answer.text());
    // The list says so before.
    let offered = |query: &str| {
        let page = owner.get(&acme(&format!("/people?{query}"))).html();
        (page.has("input[name=all]"), page.text(".bulk-limit"))
    };
    let refusal = "More than 1,000 match: narrow the list to select all";
    assert_eq!(offered("role=member"), (false, refusal.to_owned()));
    assert_eq!(offered("role=member&search=crowd"), (true, String::new()), "how many those are is not known");
    portal.take_out("crowd7@example.com");
    assert_eq!(offered("role=member"), (true, String::new()));
    assert_eq!(owner.get(&acme("/people/remove?role=member&all=yes")).status, 200);
}

#[apply(on_both)]
fn all_expired_invitations_are_sent_again_and_members_are_left_out(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    guests(&owner, 60);
    portal.later(Duration::days(15));
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&acme("/people/resend?status=expired&all=yes"));
    assert!(page.text().contains("60 invitations") && !page.text().contains("not sent anything"), "{}", page.text());
    let recorded = portal.recorded_actions(|| {
        let answer = post(&owner, &page, &[]);
        assert_eq!(answer.location(), acme("/people?status=expired"));
        let said = owner.follow(answer);
        assert!(said.text().contains("60 invitations are on their way again."), "{}", said.text());
        assert!(said.text().contains("Nobody matches this filter"), "none is expired any more");
    });
    assert_eq!(recorded, vec!["invitation.resent"; 60]);
    assert_eq!(portal.mails_to("guest000@example.net").len(), 2);
    let everybody = owner.get(&acme("/people/resend?all=yes"));
    assert!(everybody.text().contains("Is a member already."), "{}", everybody.text());
    assert!(everybody.text().contains("60 invitations"));
}

#[apply(on_both)]
fn five_hundred_and_one_are_sent_again_in_one_go(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    guests(&owner, 500);
    assert_eq!(invite(&owner, "last@example.net", Role::Reader).status, 303);
    portal.later(Duration::days(1));
    let page = owner.get(&acme("/people/resend?status=pending&all=yes"));
    assert!(page.text().contains("501 invitations"), "{}", page.text());
    let answer = post(&owner, &page, &[]);
    let said = owner.follow(answer).text();
    assert!(said.contains("501 invitations are on their way again."), "{said}");
}

#[apply(on_both)]
fn several_get_one_role_and_owners_are_left_out(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "guest@example.net", Role::Reader);
    let ids = [Persona::Owner, Persona::Manager, Persona::Reader, Persona::Member].map(|who| portal.membership(who));
    let guest = portal.invitation_id("guest@example.net").unwrap();
    let query: Vec<String> = ids.iter().chain([&guest]).map(|id| format!("selected={id}")).collect();
    let page = manager.get(&acme(&format!("/people/roles?search=e&{}", query.join("&"))));
    assert_eq!(page.status, 200);
    let text = page.text();
    for sentence in ["Is an Owner. Owners are changed one by one.", "This is you.", "Has not joined yet.", "2 members"]
    {
        assert!(text.contains(sentence), "{sentence} in {text}");
    }
    let offered = page.html().attributes("input[name=role]", "value");
    assert_eq!(offered, ["member", "reader", "editor", "manager"]);
    assert_eq!(post(&manager, &page, &[]).status, 422, "no role is chosen");
    assert_eq!(post(&manager, &page, &[("role", "owner")]).status, 422, "nobody becomes Owner in passing");
    let recorded = portal.recorded_actions(|| {
        let answer = post(&manager, &page, &[("role", "editor")]);
        assert_eq!(answer.location(), acme("/people?search=e"));
        assert!(manager.follow(answer).text().contains("2 people are now Editor."));
    });
    assert_eq!(recorded, ["member.role.changed", "member.role.changed"]);
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Editor));
    assert_eq!(portal.role_of("milo@example.com"), Some(Role::Editor));
    assert_eq!(portal.role_of("olga@example.com"), Some(Role::Owner));
    assert_eq!(portal.mails_to("rita@example.com").len(), 1);
}

/// A form that names people above its sender, by hand.
#[apply(on_both)]
fn a_forged_form_changes_nobody_above(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let manager = portal.signed_in(Persona::Manager);
    let ids = [portal.membership(Persona::Owner), portal.membership(Persona::Manager)];
    let recorded = portal.recorded(|| {
        for form in ["/people/roles", "/people/remove", "/people/resend"] {
            let fields = [("selected", ids[0].as_str()), ("selected", ids[1].as_str()), ("role", "reader")];
            assert_eq!(manager.post(&acme(form), &fields).status, 303, "{form}");
        }
    });
    assert!(recorded.is_empty(), "{recorded:?}");
}

#[apply(on_both)]
fn every_action_returns_to_the_same_place(#[case] portal: &Portal) {
    crowd(portal, 60);
    let owner = portal.signed_in(Persona::Owner);
    guests(&owner, 30);
    let page = owner.get(&acme("/people?status=active&sort=name")).html();
    let next = page.attributes(".pagination a[rel=next]", "href").remove(0);
    let second = owner.get(&next).html();
    let query = next.split_once('?').unwrap().1.to_owned();
    let action = second.attributes("tr form", "action").remove(0);
    let choices = second.attributes("tr form select option", "value");
    assert_eq!(choices[..5], ["member", "reader", "editor", "manager", "owner"], "keys are sent, labels are shown");
    assert!(action.ends_with(&format!("/role?{query}")), "{action} has {query}");
    let id = action.split('/').nth(4).unwrap().to_owned();
    let answer = owner.post(&action, &[("choice", "reader"), ("current", "member")]);
    assert_eq!(answer.location(), format!("{next}#{id}"));
    let said = owner.follow(answer).html();
    assert!(said.text(".list-bar .notice").contains("is now Reader."), "{}", said.text("main"));
    let guest = portal.invitation_id("guest003@example.net").unwrap();
    let answer = owner.post(&acme(&format!("/people/{guest}/resend?search=guest&status=pending")), &[]);
    assert_eq!(answer.location(), format!("{}#{guest}", acme("/people?search=guest&status=pending")));
    let person = owner.get(&acme(&format!("/people/{id}?{query}"))).html();
    assert_eq!(person.attributes(".back a", "href"), [format!("{next}#{id}")]);
}

/// What is posted as a place is read and written again, so it leads nowhere else.
#[apply(on_both)]
fn a_forged_place_leads_nowhere_else(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    let path = acme(&format!("/people/{id}/role?search=//evil.example/%0d%0aX:&next=//evil.example"));
    let answer = owner.post(&path, &[("choice", "editor"), ("current", "reader")]);
    assert!(answer.location().starts_with(&acme("/people?search=%2F%2Fevil.example")), "{}", answer.location());
    assert!(!answer.location().contains("next"), "{}", answer.location());
}

#[apply(on_both)]
fn becoming_owner_ceasing_to_be_one_and_ones_own_role_are_asked_about_once_more(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let second = portal.scope_of("second@example.com", "acme").membership.id.to_string();
    let owner = portal.signed_in(Persona::Owner);
    for (id, current, role, words) in [
        (portal.membership(Persona::Reader), "reader", "owner", "becomes an Owner"),
        (second, "owner", "editor", "is no longer an Owner"),
        (portal.membership(Persona::Owner), "owner", "member", "You change your own role"),
    ] {
        let path = acme(&format!("/people/{id}/role?status=active"));
        let recorded = portal.recorded(|| {
            let page = owner.post(&path, &[("choice", role), ("current", current)]);
            assert_eq!(page.status, 200);
            assert!(page.text().contains(words), "{}", page.text());
            assert!(page.html().has_button("Change role"));
        });
        assert!(recorded.is_empty());
        let page = owner.post(&path, &[("choice", role), ("current", current)]);
        let recorded = portal.recorded_actions(|| {
            assert_eq!(post(&owner, &page, &[]).status, 303);
        });
        assert_eq!(recorded, ["member.role.changed"]);
    }
    // From one of the others to another one nothing is asked.
    portal.set_role("olga@example.com", Role::Owner);
    let path = acme(&format!("/people/{}/role", portal.membership(Persona::Member)));
    assert_eq!(owner.post(&path, &[("role", "editor"), ("current", "member")]).status, 303);
}

#[apply(on_both)]
fn a_refused_choice_in_the_row_is_said_beside_the_list(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let id = portal.membership(Persona::Reader);
    portal.set_role("rita@example.com", Role::Editor);
    let path = acme(&format!("/people/{id}/role?search=rita"));
    let answer = owner.post(&path, &[("choice", "member"), ("current", "reader")]);
    assert_eq!(answer.location(), format!("{}#{id}", acme("/people?search=rita")));
    let said = owner.follow(answer).html().text(".list-bar .notice");
    assert!(said.contains("Somebody else changed this role to Editor meanwhile."), "{said}");
}
