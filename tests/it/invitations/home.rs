//! Invitations on Home: waiting for the person with that address, and for nobody else.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;

use super::INVITED;
use crate::support::{Persona, Portal, acme, invite, on_both};

#[apply(on_both)]
fn home_shows_waiting_invitations_and_accepts_them(#[case] portal: &Portal) {
    portal.add_user(INVITED);
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Editor);
    let id = portal.invitation_id(INVITED).unwrap();
    let browser = portal.signed_in_as(INVITED);
    let home = browser.get("/home");
    assert!(home.text().contains("Acme Editor"), "{}", home.text());
    assert!(home.text().contains("Olga Tester invited you. Valid until 8 December 2026"));
    assert!(home.html().has(&format!("form[action=\"/home/invitations/{id}/accept\"]")));
    let recorded = portal.recorded_actions(|| {
        let answer = browser.post(&format!("/home/invitations/{id}/accept"), &[]);
        assert_eq!(answer.location(), acme(""));
        assert!(browser.follow(answer).text().contains("Welcome to Acme."));
    });
    assert_eq!(recorded, ["invitation.accepted"]);
    assert_eq!(portal.role_of(INVITED), Some(Role::Editor));
    let home = browser.get("/home");
    assert!(!home.html().has("form[action^=\"/home/invitations\"]"));
    assert!(home.html().texts("h3").contains(&"Acme Editor".to_owned()));
}

#[apply(on_both)]
fn home_declines(#[case] portal: &Portal) {
    portal.add_user(INVITED);
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Editor);
    let id = portal.invitation_id(INVITED).unwrap();
    let browser = portal.signed_in_as(INVITED);
    let recorded = portal.recorded_actions(|| {
        let answer = browser.post(&format!("/home/invitations/{id}/decline"), &[]);
        assert!(browser.follow(answer).text().contains("You declined the invitation to Acme."));
    });
    assert_eq!(recorded, ["invitation.declined"]);
    assert_eq!((portal.role_of(INVITED), portal.invitation_id(INVITED)), (None, None));
    assert_eq!(browser.post(&format!("/home/invitations/{id}/decline"), &[]).status, 404, "a second click");
}

#[apply(on_both)]
fn the_invitation_of_another_person_is_not_found(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Editor);
    let id = portal.invitation_id(INVITED).unwrap();
    for persona in [Persona::Outsider, Persona::Owner, Persona::Member] {
        let browser = portal.signed_in(persona);
        let recorded = portal.recorded(|| {
            for verb in ["accept", "decline"] {
                let foreign = browser.post(&format!("/home/invitations/{id}/{verb}"), &[]);
                let unknown = browser.post(&format!("/home/invitations/inv_01kb0000000000000000000000/{verb}"), &[]);
                let malformed = browser.post(&format!("/home/invitations/nonsense/{verb}"), &[]);
                assert_eq!((foreign.status, unknown.status, malformed.status), (404, 404, 404), "{persona:?} {verb}");
            }
        });
        assert!(recorded.is_empty());
        assert!(!browser.get("/home").html().has("form[action^=\"/home/invitations\"]"));
    }
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
}

#[apply(on_both)]
fn a_withdrawn_invitation_leaves_home_at_once(#[case] portal: &Portal) {
    portal.add_user(INVITED);
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Editor);
    let id = portal.invitation_id(INVITED).unwrap();
    let browser = portal.signed_in_as(INVITED);
    assert!(browser.get("/home").text().contains("Acme"));
    owner.post(&acme(&format!("/people/{id}/withdraw")), &[]);
    assert!(!browser.get("/home").text().contains("Acme"));
    assert_eq!(browser.post(&format!("/home/invitations/{id}/accept"), &[]).status, 404);
}
