//! Leaving an Organization by oneself. The last Owner is in `people::last_owner`.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, acme, at_once, invite, on_both};

#[apply(on_both)]
fn everybody_but_the_last_owner_can_leave(#[case] portal: &Portal) {
    for persona in [Persona::Manager, Persona::Editor, Persona::Reader, Persona::Member] {
        let browser = portal.signed_in(persona);
        let page = browser.get(&acme("/leave"));
        assert_eq!((page.status, page.html().text("h1").as_str()), (200, "Leave organization"));
        assert_eq!(portal.role_of(&persona.email()), persona.role(), "looking changes nothing");
        let recorded = portal.recorded(|| {
            let answer = browser.post(&acme("/leave"), &[]);
            assert_eq!((answer.status, answer.location()), (303, "/home"));
            assert!(browser.follow(answer).text().contains("You have left Acme."));
        });
        let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
        assert_eq!((row.action.as_str(), row.actor_role.as_str()), ("member.left", persona.role().unwrap().key()));
        assert_eq!(row.subject_name, row.actor_name);
        assert_eq!(browser.get(&acme("")).status, 404, "at once");
        assert_eq!(portal.role_of(&persona.email()), None);
        assert!(portal.mails_to(&persona.email()).is_empty());
    }
    let left = portal.signed_in(Persona::Owner).get(&acme("/people"));
    assert_eq!(left.html().texts("tbody tr").len(), 1);
}

#[apply(on_both)]
fn a_double_click_leaves_once(#[case] portal: &Portal) {
    let (one, other) = (portal.signed_in(Persona::Member), portal.signed_in(Persona::Member));
    let recorded = portal.recorded_actions(|| {
        let (a, b) = at_once(|| one.post(&acme("/leave"), &[]).status, || other.post(&acme("/leave"), &[]).status);
        assert!([a, b].contains(&303) && [a, b].iter().all(|status| [303, 404].contains(status)), "{a} {b}");
    });
    assert_eq!(recorded, ["member.left"]);
}

#[apply(on_both)]
fn who_left_needs_a_new_invitation(#[case] portal: &Portal) {
    let reader = portal.signed_in(Persona::Reader);
    reader.post(&acme("/leave"), &[]);
    assert_eq!(reader.post(&acme("/leave"), &[]).status, 404);
    invite(&portal.signed_in(Persona::Manager), "rita@example.com", Role::Member);
    let id = portal.invitation_id("rita@example.com").unwrap();
    reader.post(&format!("/home/invitations/{id}/accept"), &[]);
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Member), "and gets the role of it, not the old one");
}

#[apply(on_both)]
fn invitations_that_a_leaver_sent_can_no_longer_be_accepted(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "otto@example.com", Role::Reader);
    manager.post(&acme("/leave"), &[]);
    let id = portal.invitation_id("otto@example.com").unwrap();
    let outsider = portal.signed_in(Persona::Outsider);
    let answer = outsider.post(&format!("/home/invitations/{id}/accept"), &[]);
    assert!(outsider.follow(answer).text().contains("This invitation can no longer be accepted."));
    assert_eq!(portal.role_of("otto@example.com"), None);
}
