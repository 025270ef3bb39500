//! From the first mail to the end: 15 days to the second, sending again, withdrawing.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::schema::invitations;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::{INVITED, link};
use crate::support::{Persona, Portal, acme, invite, on_both};

fn expires_at(portal: &Portal, email: &str) -> Timestamp {
    portal.query(|connection| {
        invitations::table.filter(invitations::email.eq(email)).select(invitations::expires_at).first(connection)
    })
}

#[apply(on_both)]
fn an_invitation_holds_for_fifteen_days_to_the_second(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Member);
    portal.add_user(INVITED);
    let path = link(portal, INVITED);
    portal.later(Duration::days(15) - Duration::seconds(1));
    let invited = portal.signed_in_as(INVITED);
    assert_eq!(invited.get(&path).html().text("h1"), "Join Acme");
    assert!(invited.get("/home").html().has_button("Accept invitation to Acme"));
    let list = portal.signed_in(Persona::Owner).get(&acme("/people?search=ines")).text();
    assert!(list.contains("ines@example.com Not joined yet Member Pending"), "{list}");
    portal.later(Duration::seconds(1));
    assert_eq!(invited.get(&path).status, 404);
    assert!(!invited.get("/home").text().contains("Acme"));
    let list = portal.signed_in(Persona::Owner).get(&acme("/people?search=ines")).text();
    assert!(list.contains("ines@example.com Not joined yet Member Expired"));
    let id = portal.invitation_id(INVITED).expect("expired is computed: the row is as open as before");
    assert_eq!(invited.post(&format!("{path}/accept"), &[]).status, 404);
    assert_eq!(invited.post(&format!("{path}/decline"), &[]).status, 404);
    assert_eq!(invited.post(&format!("/home/invitations/{id}/accept"), &[]).status, 404);
    assert_eq!(portal.role_of(INVITED), None);
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
}

#[apply(on_both)]
fn an_invitation_can_be_accepted_in_its_last_second(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Member);
    portal.add_user(INVITED);
    portal.later(Duration::days(15) - Duration::seconds(1));
    let answer = portal.signed_in_as(INVITED).post(&format!("{}/accept", link(portal, INVITED)), &[]);
    assert_eq!(answer.location(), acme(""));
    assert_eq!(portal.role_of(INVITED), Some(Role::Member));
}

#[apply(on_both)]
fn resending_makes_a_new_link_and_fifteen_new_days_and_ends_the_old_link(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (old, id) = (link(portal, INVITED), portal.invitation_id(INVITED).unwrap());
    portal.later(Duration::days(5));
    let manager = portal.signed_in(Persona::Manager);
    let recorded = portal.recorded(|| {
        let answer = manager.post(&acme(&format!("/people/{id}/resend")), &[]);
        assert_eq!(answer.location(), acme(&format!("/people#{id}")));
        let said = manager.follow(answer).text();
        assert!(said.contains("A new invitation is on its way to ines@example.com. The earlier link no longer works."));
    });
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.actor_name.as_str()), ("invitation.resent", "Manuel Tester"));
    assert_eq!(portal.mails_to(INVITED).len(), 2);
    let new = link(portal, INVITED);
    assert_ne!(old, new);
    let browser = portal.browser();
    assert_eq!(browser.get(&old).status, 404);
    assert_eq!(browser.get(&new).status, 200);
    assert!(browser.get(&new).text().contains("Manuel Tester invites you"), "whoever sent it last answers for it");
    assert_eq!(expires_at(portal, INVITED), portal.app.context.clock.now() + Duration::days(15));
    portal.later(Duration::days(15) - Duration::seconds(1));
    assert_eq!(browser.get(&new).status, 200);
    portal.later(Duration::seconds(1));
    assert_eq!(browser.get(&new).status, 404);
    assert_eq!(portal.invitation_id(INVITED), Some(id), "it is still the same invitation");
}

#[apply(on_both)]
fn one_invitation_is_resent_five_times_an_hour_at_most(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let path = acme(&format!("/people/{}/resend", portal.invitation_id(INVITED).unwrap()));
    for _ in 0..5 {
        owner.post(&path, &[]);
    }
    let answer = owner.post(&path, &[]);
    assert!(
        owner.follow(answer).text().contains("That was sent several times just now. Wait 60 minutes and try again.")
    );
    assert_eq!(portal.mails_to(INVITED).len(), 6);
    portal.later(Duration::minutes(61));
    owner.post(&path, &[]);
    assert_eq!(portal.mails_to(INVITED).len(), 7);
}

#[apply(on_both)]
fn inviting_a_lapsed_address_reissues_its_invitation(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (old, id) = (link(portal, INVITED), portal.invitation_id(INVITED));
    portal.later(Duration::days(15));
    let manager = portal.signed_in(Persona::Manager);
    let answer = invite(&manager, &format!("{INVITED}\nother@example.com"), Role::Editor);
    assert!(answer.text().contains("as Editor; the earlier invitation had expired"), "{}", answer.text());
    assert_eq!(portal.invitation_id(INVITED), id, "the row is the same");
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
    assert_eq!(portal.mails_to(INVITED).len(), 2);
    assert_eq!(portal.browser().get(&old).status, 404);
    assert!(portal.browser().get(&link(portal, INVITED)).text().contains("Editor"));
    assert_eq!(expires_at(portal, INVITED), portal.app.context.clock.now() + Duration::days(15));
    let found = manager.get(&acme("/people?role=editor&search=ines")).text();
    assert!(
        found.contains("ines@example.com Not joined yet Editor Pending"),
        "it is found under its new role: {found}"
    );
    // It counts with its new role.
    portal.add_user(INVITED);
    portal.signed_in_as(INVITED).post(&format!("{}/accept", link(portal, INVITED)), &[]);
    assert_eq!(portal.role_of(INVITED), Some(Role::Editor));
}

#[apply(on_both)]
fn a_lapsed_invitation_can_be_resent_or_withdrawn(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "one@example.com\ntwo@example.com", Role::Reader);
    portal.later(Duration::days(16));
    let owner = portal.signed_in(Persona::Owner);
    let id = |email: &str| portal.invitation_id(email).unwrap();
    owner.post(&acme(&format!("/people/{}/resend", id("one@example.com"))), &[]);
    assert_eq!(portal.browser().get(&link(portal, "one@example.com")).status, 200);
    let answer = owner.post(&acme(&format!("/people/{}/withdraw", id("two@example.com"))), &[]);
    assert!(owner.follow(answer).text().contains("The invitation to two@example.com was withdrawn."));
    assert_eq!(portal.invitation_outcomes("two@example.com"), [Some("withdrawn".to_owned())]);
}

#[apply(on_both)]
fn a_withdrawn_invitation_is_gone_and_the_address_is_free_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let (path, id) = (link(portal, INVITED), portal.invitation_id(INVITED).unwrap());
    let recorded = portal.recorded_actions(|| {
        let answer = owner.post(&acme(&format!("/people/{id}/withdraw")), &[]);
        let page = owner.follow(answer);
        assert!(page.text().contains("The invitation to ines@example.com was withdrawn."));
        assert!(!page.html().texts("tbody tr").iter().any(|row| row.contains(INVITED)));
        assert_eq!(owner.post(&acme(&format!("/people/{id}/withdraw")), &[]).status, 404, "a second click");
        assert_eq!(owner.post(&acme(&format!("/people/{id}/resend")), &[]).status, 404);
    });
    assert_eq!(recorded, ["invitation.withdrawn"]);
    assert_eq!(portal.browser().get(&path).status, 404);
    assert!(portal.mails_to(INVITED).is_empty(), "nobody is mailed about it, nor about the invitation");
    assert_eq!(invite(&owner, INVITED, Role::Reader).status, 303);
    assert_eq!(portal.invitation_outcomes(INVITED).len(), 2);
    assert_eq!(portal.browser().get(&path).status, 404, "the old link stays dead");
}
