//! Whoever could not give the role any more brings nobody in: acceptance is refused, and the invitation stays.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::{INVITED, invited, link};
use crate::support::{Persona, Portal, acme, change_role, on_both};

#[apply(on_both)]
fn an_inviter_who_lost_the_rank_cannot_bring_anybody_in(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Manager, Role::Manager);
    let owner = portal.signed_in(Persona::Owner);
    change_role(&owner, &portal.membership(Persona::Manager), Role::Manager, Role::Editor);
    let browser = portal.signed_in_as(INVITED);
    let recorded = portal.recorded(|| {
        let answer = browser.post(&format!("{path}/accept"), &[]);
        let said = browser.follow(answer).text();
        assert!(
            said.contains("This invitation can no longer be accepted. Ask an Owner of Acme for a new one."),
            "{said}"
        );
    });
    assert!(recorded.is_empty());
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
    // The invitation stays: sent again by somebody who may, it works.
    portal.later(chrono::Duration::minutes(1));
    owner.post(&acme(&format!("/people/{}/resend", portal.invitation_id(INVITED).unwrap())), &[]);
    assert_eq!(browser.post(&format!("{}/accept", link(portal, INVITED)), &[]).location(), acme(""));
    assert_eq!(portal.role_of(INVITED), Some(Role::Manager));
}

#[apply(on_both)]
fn an_owner_lowered_to_manager_cannot_bring_in_an_owner(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let path = invited(portal, Persona::Owner, Role::Owner);
    portal.set_role("olga@example.com", Role::Manager);
    portal.signed_in_as(INVITED).post(&format!("{path}/accept"), &[]);
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
}

#[apply(on_both)]
fn an_inviter_who_was_removed_cannot_bring_anybody_in(#[case] portal: &Portal) {
    let path = invited(portal, Persona::Manager, Role::Member);
    portal
        .signed_in(Persona::Owner)
        .post(&acme("/people/remove"), &[("selected", &portal.membership(Persona::Manager))]);
    let browser = portal.signed_in_as(INVITED);
    let answer = browser.post(&format!("{path}/accept"), &[]);
    assert!(browser.follow(answer).text().contains("This invitation can no longer be accepted."));
    let id = portal.invitation_id(INVITED).expect("the invitation stays");
    let answer = browser.post(&format!("/home/invitations/{id}/accept"), &[]);
    assert!(browser.follow(answer).text().contains("This invitation can no longer be accepted."));
    assert_eq!((portal.role_of(INVITED), portal.invitation_outcomes(INVITED)), (None, vec![None]));
}
