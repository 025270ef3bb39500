//! Invitations on Home: waiting for the person with that address, and for nobody else.

use portico::access::{Membership, Role, Scope};
use portico::db::DbError;
use portico::organizations::create::{Create, NewOrganization, create};
use portico::organizations::organization::Kind;
use portico::people::invite::Invite;
use portico::rates::Limit;
use rstest::rstest;
use rstest_reuse::apply;

use super::INVITED;
use crate::support::{Persona, Portal, acme, invite, invite_one, on_both};

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

#[apply(on_both)]
fn many_invitations_hide_none(#[case] portal: &Portal) {
    portal.add_user(INVITED);
    let creator = portal.scope(Persona::Owner).person().clone();
    // By the verbs, each on a day of its own as far as limits are concerned.
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            for number in 0..25 {
                let new = NewOrganization {
                    kind: Kind::Individual,
                    name: format!("Spam {number:02}"),
                    legal_name: String::new(),
                    country: String::new(),
                    creation_key: number.to_string(),
                };
                tx.forget(Limit::OrganizationsCreated, creator.user_id.as_str())?;
                tx.forget(Limit::InvitationsRecipient, INVITED)?;
                let Create::Created { slug } = create(tx, &creator, &new)? else { panic!("it is created") };
                let membership = Membership::find(tx.connection, &creator.user_id, &slug)?.expect("its Owner");
                let scope = Scope::new(creator.clone(), membership);
                assert_eq!(invite_one(tx, &scope, INVITED, Role::Reader)?, Invite::Sent);
            }
            tx.forget(Limit::InvitationsRecipient, INVITED)
        })
        .expect("all are sent");
    portal.later(chrono::Duration::minutes(1));
    invite(&portal.signed_in(Persona::Manager), INVITED, Role::Editor);
    let home = portal.signed_in_as(INVITED).get("/home").html();
    let shown = home.texts("section[aria-labelledby=invitations-title] > ul h3");
    assert_eq!((shown.len(), shown[0].as_str()), (10, "Acme Editor"), "the newest come first");
    let folded = home.texts("section[aria-labelledby=invitations-title] details h3");
    assert_eq!(folded.len(), 16, "and no other is lost");
    assert_eq!(home.text("section[aria-labelledby=invitations-title] summary"), "Show 16 earlier invitations");
}
