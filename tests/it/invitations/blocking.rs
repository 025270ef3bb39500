//! "No more invitations from this Organization": by the link in any of its mails, without an account.

use portico::access::Role;
use rstest::rstest;
use rstest_reuse::apply;
use ureq::http::Method;

use super::{INVITED, link};
use crate::support::{Persona, Portal, acme, invite, on_both};

#[apply(on_both)]
fn whoever_has_the_mail_ends_invitations_from_one_organization_and_allows_them_again(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Editor);
    let (path, stranger) = (link(portal, INVITED), portal.browser());
    assert!(portal.mails_to(INVITED)[0].text.contains(&format!("{path}/block")), "the mail says where");
    let page = stranger.get(&format!("{path}/block"));
    assert!(page.html().has_button("Send no more invitations") && page.text().contains("Acme"), "{}", page.text());
    assert!(portal.invitation_id(INVITED).is_some(), "opening the link changes nothing");

    // As a mail program does it: no cookie, nothing about where it comes from, no redirect (RFC 8058).
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = b"List-Unsubscribe=One-Click".to_vec();
    let recorded = portal.recorded(|| {
        let answer = stranger.send(Method::POST, &format!("{path}/block"), &headers, body.clone());
        assert_eq!((answer.status, answer.html().text("h1").as_str()), (200, "No more invitations"));
    });
    let actions: Vec<_> = recorded.iter().map(|row| (row.action.as_str(), row.actor_name.as_str())).collect();
    assert_eq!(actions, [("invitation.declined", INVITED), ("invitations.blocked", INVITED)]);
    assert_eq!(portal.invitation_id(INVITED), None);
    let again = portal.recorded(|| assert_eq!(stranger.post(&format!("{path}/block"), &[]).status, 200));
    assert!(again.is_empty(), "a second click");

    let refused = invite(&owner, INVITED, Role::Editor);
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("1 wants no invitations They asked for no more invitations from this Organization.")
    );
    assert_eq!(portal.mails_to(INVITED).len(), 1);
    // Another Organization is another matter.
    let otto = portal.signed_in(Persona::Outsider);
    assert_eq!(crate::support::invite_to(&otto, "/organizations/elsewhere", INVITED, Role::Reader).status, 303);

    let allowed = portal.recorded_actions(|| {
        let page = stranger.post(&format!("{path}/allow"), &[]);
        assert!(page.html().has_button("Send no more invitations"), "{}", page.text());
        stranger.post(&format!("{path}/allow"), &[]);
    });
    assert_eq!(allowed, ["invitations.allowed"]);
    assert_eq!(invite(&owner, INVITED, Role::Editor).status, 303);
}

#[apply(on_both)]
fn the_link_of_a_withdrawn_invitation_works_for_that_and_an_unknown_one_does_not(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Editor);
    let (path, id) = (link(portal, INVITED), portal.invitation_id(INVITED).expect("it is open"));
    owner.post(&acme(&format!("/people/{id}/withdraw")), &[]);
    let browser = portal.browser();
    assert_eq!(browser.get(&path).status, 404);
    assert_eq!(browser.post(&format!("{path}/block"), &[]).status, 200);
    assert_eq!(invite(&owner, INVITED, Role::Editor).status, 422);
    for below in ["block", "allow"] {
        assert_eq!(browser.post(&format!("/invitations/unknown/{below}"), &[]).status, 404);
    }
}
