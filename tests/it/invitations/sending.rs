//! Sending: one live invitation for an address, nothing to members, only a hash stored.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::db::{DbError, is_unique};
use portico::ids::InvitationId;
use portico::people::invite::Invite;
use portico::schema::invitations;
use portico::secrets::Secret;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::{INVITED, link};
use crate::support::{Persona, Portal, acme, at_once, invite, invite_one, invite_to, on_both};

/// Puts an open invitation into the table, past all the code that looks first.
fn insert(portal: &Portal, email: &str, closed_at: Option<Timestamp>) -> Result<usize, DbError> {
    let (organization, owner) = (portal.organization_id(), portal.scope(Persona::Owner).person().user_id.clone());
    portal.app.write_now::<_, DbError>(|tx| {
        let id = InvitationId::new(tx.now);
        Ok(diesel::insert_into(invitations::table)
            .values((
                invitations::id.eq(&id),
                invitations::organization_id.eq(&organization),
                invitations::email.eq(email),
                invitations::role.eq(Role::Member),
                invitations::secret_hash.eq(id.as_str()),
                invitations::invited_by.eq(&owner),
                invitations::sent_at.eq(tx.now),
                invitations::expires_at.eq(tx.now + Duration::days(15)),
                invitations::created_at.eq(tx.now),
                invitations::outcome.eq(closed_at.map(|_| "withdrawn")),
                invitations::closed_at.eq(closed_at),
            ))
            .execute(tx.connection)?)
    })
}

#[apply(on_both)]
fn an_invitation_names_inviter_organization_role_and_end(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let recorded = portal.recorded(|| {
        assert_eq!(invite(&manager, INVITED, Role::Editor).status, 303);
    });
    let mails = portal.mails_to(INVITED);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Manuel Tester invites you to Acme on Portico");
    for part in [
        "Manuel Tester (manuel@example.com)",
        "Acme",
        "Your role would be: Editor",
        INVITED,
        "8 December 2026, 09:30 UTC",
    ] {
        let text = mails[0].text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert!(mails[0].html.contains(">Accept invitation</a>"));
    assert!(mails[0].html.contains(&format!("{}{}", portal.url, link(portal, INVITED))));
    let [row] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((row.action.as_str(), row.subject_name.as_str()), ("invitation.sent", INVITED));
    assert_eq!(row.after, r#"{"email":"ines@example.com","role":"editor"}"#);
    assert_eq!((row.actor_name.as_str(), row.actor_role.as_str()), ("Manuel Tester", "manager"));
}

#[apply(on_both)]
fn the_database_itself_refuses_a_second_live_invitation(#[case] portal: &Portal) {
    invite(&portal.signed_in(Persona::Owner), INVITED, Role::Member);
    match insert(portal, INVITED, None) {
        Err(DbError::Query(error)) => {
            assert!(is_unique(&error, "invitations_live", "invitations.email"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    // Nor one that differs in case alone: what is stored is lower-cased, or not stored.
    assert!(insert(portal, "Ines@Example.com", None).is_err());
    assert!(insert(portal, "Other@example.com", None).is_err());
    // Closed ones are history, as many as there were; another address is another matter.
    let now = portal.app.context.clock.now();
    assert!(insert(portal, INVITED, Some(now)).is_ok());
    assert!(insert(portal, INVITED, Some(now)).is_ok());
    assert!(insert(portal, "other@example.com", None).is_ok());
}

#[apply(on_both)]
fn the_message_about_an_invitation_offers_its_link_and_in_the_demo_the_mailbox(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let told = owner.follow(invite(&owner, INVITED, Role::Member)).html();
    assert_eq!(told.texts(".notice button, .notice a"), ["Copy invitation link"]);
    let page = owner.post(&told.attributes(".notice form", "action")[0], &[]);
    let shown = page.html().attributes("#link[readonly]", "value");
    let [shown] = shown.as_slice() else { panic!("{shown:?}") };
    assert_eq!(portal.browser().get(shown.strip_prefix(&portal.url).expect("a link to this portal")).status, 200);
    let resend = acme(&format!("/people/{}/resend", portal.invitation_id(INVITED).expect("an open invitation")));
    let told = owner.follow(owner.post(&resend, &[])).html();
    assert_eq!(told.attributes(".notice a", "href"), ["/dev/mailbox"]);
    let real = portal.second_server_with(|config| config.demo = false);
    let owner = real.signed_in(Persona::Owner);
    assert!(!owner.follow(owner.post(&resend, &[])).html().has(".notice a, .notice button"));
}

#[apply(on_both)]
fn an_address_is_one_address_however_it_is_written(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(invite(&owner, "  INES@Example.COM ", Role::Member).status, 303);
    let again = invite(&owner, "ines@example.com", Role::Member);
    assert_eq!(again.status, 422);
    assert!(again.text().contains("ines@example.com until 8 December 2026, 09:30 UTC"), "{}", again.text());
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
    assert_eq!(portal.mails_to(INVITED).len(), 1);
    assert_eq!(invite(&owner, "RITA@example.com", Role::Member).status, 422);
}

#[apply(on_both)]
fn the_same_address_invited_twice_at_once_gives_one_row_and_one_mail(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    for round in 0..5 {
        let email = format!("round{round}@example.com");
        let mut statuses = Vec::new();
        let recorded = portal.recorded_actions(|| {
            let click = |browser| invite(browser, &email, Role::Member).status;
            let (one, other) = at_once(|| click(&owner), || click(&manager));
            statuses = vec![one, other];
        });
        statuses.sort();
        assert_eq!(statuses, [303, 422], "one is sent, the other told");
        assert_eq!(portal.invitation_outcomes(&email), [None]);
        assert_eq!(portal.mails_to(&email).len(), 1);
        assert_eq!(recorded, ["invitation.sent"]);
    }
}

#[apply(on_both)]
fn two_invitations_whose_transactions_overlap_are_one(#[case] portal: &Portal) {
    let (owner, manager) = (portal.scope(Persona::Owner), portal.scope(Persona::Manager));
    let (first, second) = portal.overlapping(
        |tx| invite_one(tx, &owner, INVITED, Role::Member),
        |tx| invite_one(tx, &manager, INVITED, Role::Member),
    );
    assert_eq!(first, Invite::Sent);
    assert!(matches!(second, Invite::AlreadyInvited { .. }), "{second:?}");
    assert_eq!((portal.invitation_outcomes(INVITED), portal.mails_to(INVITED).len()), (vec![None], 1));
}

#[apply(on_both)]
fn who_is_a_member_already_is_not_invited_and_gets_no_mail(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let recorded = portal.recorded(|| {
        for email in ["rita@example.com", "Rita@Example.com", "olga@example.com"] {
            let answer = invite(&owner, email, Role::Owner);
            assert_eq!(answer.status, 422);
            assert!(answer.text().contains("1 is a member already Nothing was sent, and there is nothing to do."));
        }
    });
    assert!(recorded.is_empty());
    assert!(crate::support::mails(&portal.app).is_empty());
    assert!(portal.invitation_id("rita@example.com").is_none());
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader));
    assert_eq!(invite(&owner, "otto@example.com", Role::Member).status, 303, "a member of another one may be invited");
}

#[apply(on_both)]
fn of_the_secret_only_a_hash_is_stored_anywhere(#[case] portal: &Portal) {
    use base64::Engine;
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, INVITED, Role::Reader);
    let first = link(portal, INVITED);
    // Opening it, and failing to accept it, leave no copy behind either.
    portal.browser().get(&first);
    portal.signed_in(Persona::Outsider).post(&format!("{first}/accept"), &[]);
    portal.later(Duration::minutes(1));
    owner.post(&acme(&format!("/people/{}/resend", portal.invitation_id(INVITED).unwrap())), &[]);
    let second = link(portal, INVITED);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let everything = portal.dump().to_lowercase();
    for path in [first.clone(), second.clone()] {
        let secret = path.strip_prefix("/invitations/").unwrap();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(secret).unwrap();
        assert_eq!(bytes.len(), 32, "32 random bytes");
        for form in [secret.to_lowercase(), hex(secret.as_bytes()), hex(&bytes)] {
            assert!(!everything.contains(&form), "the secret is stored");
        }
    }
    let hash = |path: &str| Secret::presented(path.strip_prefix("/invitations/").unwrap()).hash().to_lowercase();
    assert!(everything.contains(&hash(&second)), "the hash is what is stored, so the search would have found more");
    assert!(!everything.contains(&hash(&first)), "of the old link nothing is left");
}

#[apply(on_both)]
fn invitations_of_another_organization_are_out_of_reach(#[case] portal: &Portal) {
    let outsider = portal.signed_in(Persona::Outsider);
    assert_eq!(invite_to(&outsider, "/organizations/elsewhere", INVITED, Role::Member).status, 303);
    let id: String = portal.query(|connection| invitations::table.select(invitations::id).first(connection));
    let owner = portal.signed_in(Persona::Owner);
    let recorded = portal.recorded(|| {
        for verb in ["resend", "withdraw"] {
            assert_eq!(owner.post(&acme(&format!("/people/{id}/{verb}")), &[]).status, 404, "{verb}");
            assert_eq!(outsider.post(&acme(&format!("/people/{id}/{verb}")), &[]).status, 404, "{verb}");
        }
        owner.post(&acme("/people/remove"), &[("selected", &id)]);
    });
    assert!(recorded.is_empty());
    assert_eq!(portal.invitation_outcomes(INVITED), [None]);
    // The same address can be invited by both.
    assert_eq!(invite(&owner, INVITED, Role::Member).status, 303);
}
