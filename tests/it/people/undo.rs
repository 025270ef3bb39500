//! "Undo" after a removal or a withdrawal: as if nothing had happened, for ten minutes.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::ids::{InvitationId, MembershipId, RemovalBatchId};
use portico::people::invite as invite_verbs;
use portico::people::removal;
use portico::people::removals::{self, WINDOW};
use portico::people::undo::{self, Undo};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, acme, invite, on_both, outbox};

/// Removes these from a narrowed list, and answers the page that follows.
fn remove(browser: &Browser, ids: &[&str]) -> Answer {
    let fields: Vec<(&str, &str)> = ids.iter().map(|id| ("selected", *id)).collect();
    let answer = browser.post(&acme("/people/remove?role=reader"), &fields);
    assert_eq!((answer.status, answer.location()), (303, acme("/people?role=reader").as_str()));
    browser.follow(answer)
}

/// Where the button "Undo" of a page posts to.
fn undo_path(page: &Answer) -> String {
    assert!(page.html().has_button("Undo"), "{}", page.text());
    page.html().attributes(".notice form", "action").remove(0)
}

/// A membership as it is stored.
fn stored(portal: &Portal, id: &str) -> Option<(String, String, portico::time::Timestamp)> {
    use portico::schema::memberships;
    portal.query(|connection| {
        memberships::table
            .filter(memberships::id.eq(id))
            .select((memberships::role, memberships::inviter_name, memberships::created_at))
            .first(connection)
            .optional()
    })
}

#[apply(on_both)]
fn who_was_removed_is_back_as_before_and_never_hears_of_it(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    let id = portal.membership(Persona::Reader);
    let before = stored(portal, &id);
    let page = remove(&manager, &[&id]);
    assert!(page.text().contains("Rita Tester was removed."));
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.get(&acme("")).status, 404, "access ends at once");
    let recorded = portal.recorded_actions(|| {
        let answer = manager.post(&undo_path(&page), &[]);
        assert_eq!(answer.location(), acme("/people?role=reader"));
        let page = manager.follow(answer);
        assert!(page.text().contains("Rita Tester is back as before."), "{}", page.text());
        assert!(page.text().contains("rita@example.com"), "in the list again");
    });
    assert_eq!(recorded, ["member.restored"]);
    assert_eq!(stored(portal, &id), before);
    assert_eq!(reader.get(&acme("")).status, 200);
    assert!(manager.get(&acme("/people?search=rita")).text().contains("rita@example.com"));
    portal.later(WINDOW + Duration::minutes(1));
    assert!(portal.mails_to("rita@example.com").is_empty());
    // The person can be removed again, and this is another removal.
    let manager = portal.signed_in(Persona::Manager);
    remove(&manager, &[&id]);
    assert_eq!(portal.role_of("rita@example.com"), None);
}

#[apply(on_both)]
fn who_stays_removed_is_told_when_it_cannot_be_undone_any_more(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &[&portal.membership(Persona::Reader)]);
    let path = undo_path(&page);
    portal.later(WINDOW - Duration::seconds(1));
    assert_eq!(outbox::deliver(&portal.app), 0);
    portal.later(Duration::seconds(1));
    assert_eq!(outbox::deliver(&portal.app), 1);
    assert_eq!(portal.mails_to("rita@example.com").len(), 1);
    let answer = owner.post(&path, &[]);
    assert!(owner.follow(answer).text().contains("This can no longer be undone."));
    assert_eq!(portal.role_of("rita@example.com"), None);
}

#[apply(on_both)]
fn an_invitation_that_was_mailed_works_again_and_is_not_mailed_twice(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "guest@example.net", Role::Reader);
    let link = portal.link_to("guest@example.net");
    assert_eq!(outbox::deliver(&portal.app), 1);
    let id = portal.invitation_id("guest@example.net").unwrap();
    let answer = manager.post(&acme(&format!("/people/{id}/withdraw?status=pending")), &[]);
    assert_eq!(answer.location(), acme("/people?status=pending"));
    let page = manager.follow(answer);
    let dead = portal.browser().get(&link);
    assert!(dead.text().contains("no longer works"), "{}", dead.text());
    let recorded = portal.recorded_actions(|| {
        assert_eq!(manager.post(&undo_path(&page), &[]).status, 303);
    });
    assert_eq!(recorded, ["invitation.restored"]);
    assert_eq!(portal.browser().get(&link).status, 200);
    assert_eq!(portal.mails_to("guest@example.net").len(), 1);
    assert!(manager.get(&acme("/people?search=guest")).text().contains("Pending"));
}

#[apply(on_both)]
fn an_invitation_whose_mail_was_taken_back_is_mailed_then(#[case] portal: &Portal) {
    let manager = portal.signed_in(Persona::Manager);
    invite(&manager, "guest@example.net", Role::Reader);
    let page = remove(&manager, &[&portal.invitation_id("guest@example.net").unwrap()]);
    assert_eq!(outbox::deliver(&portal.app), 0);
    manager.post(&undo_path(&page), &[]);
    assert_eq!(portal.mails_to("guest@example.net").len(), 1);
    assert_eq!(portal.browser().get(&portal.link_to("guest@example.net")).status, 200);
}

#[apply(on_both)]
fn all_that_were_removed_at_once_come_back_at_once(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let guests: Vec<String> = (0..40).map(|number| format!("guest{number}@example.net")).collect();
    assert_eq!(invite(&owner, &guests.join("\n"), Role::Reader).status, 200);
    let mut ids: Vec<String> = guests.iter().map(|guest| portal.invitation_id(guest).unwrap()).collect();
    ids.push(portal.membership(Persona::Reader));
    let page = remove(&owner, &ids.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(page.text().contains("41 people or invitations were removed."));
    let answer = owner.post(&undo_path(&page), &[]);
    assert!(owner.follow(answer).text().contains("All 41 are back as before."));
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader));
    assert!(guests.iter().all(|guest| portal.invitation_id(guest).is_some()));
}

#[apply(on_both)]
fn nobody_else_undoes_it_nor_who_may_not_any_more(#[case] portal: &Portal) {
    let (owner, manager) = (portal.signed_in(Persona::Owner), portal.signed_in(Persona::Manager));
    let page = remove(&manager, &[&portal.membership(Persona::Reader)]);
    let path = undo_path(&page);
    let answer = owner.post(&path, &[]);
    assert!(owner.follow(answer).text().contains("This can no longer be undone."));
    let outsider = portal.signed_in(Persona::Outsider);
    assert_eq!(outsider.post(&path, &[]).status, 404);
    let elsewhere = path.replace("/acme/", "/elsewhere/");
    let answer = outsider.post(&elsewhere, &[]);
    assert!(outsider.follow(answer).text().contains("This can no longer be undone."));
    assert_eq!(manager.post(&acme("/people/undo/nonsense"), &[]).status, 404);
    assert_eq!(portal.role_of("rita@example.com"), None);
    portal.set_role("manuel@example.com", Role::Editor);
    assert_eq!(manager.post(&path, &[]).status, 403);
    assert_eq!(portal.role_of("rita@example.com"), None);
}

/// An Owner who removed an Owner, and is a Manager by now, gives nobody that role.
#[apply(on_both)]
fn no_role_above_ones_own_is_given_by_undoing(#[case] portal: &Portal) {
    portal.add_person("second@example.com", Role::Owner);
    let id = portal.scope_of("second@example.com", "acme").membership.id.to_string();
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &[&id]);
    portal.set_role("manuel@example.com", Role::Owner);
    portal.set_role("olga@example.com", Role::Manager);
    let answer = owner.post(&undo_path(&page), &[]);
    assert!(owner.follow(answer).text().contains("Your role does not allow this."));
    assert_eq!(portal.role_of("second@example.com"), None);
}

#[apply(on_both)]
fn who_came_back_in_another_way_stays_as_they_are(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "guest@example.net", Role::Reader);
    let invitation = portal.invitation_id("guest@example.net").unwrap();
    let page = remove(&owner, &[&portal.membership(Persona::Reader), &invitation]);
    let path = undo_path(&page);
    // Both are invited anew; one has accepted.
    invite(&owner, "rita@example.com\nguest@example.net", Role::Editor);
    let reader = portal.signed_in(Persona::Reader);
    let anew = portal.invitation_id("rita@example.com").unwrap();
    assert_eq!(reader.post(&format!("/home/invitations/{anew}/accept"), &[]).status, 303);
    let recorded = portal.recorded_actions(|| {
        let answer = owner.post(&path, &[]);
        assert!(owner.follow(answer).text().contains("They are back already, or can no longer be brought back."));
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Editor));
    assert_ne!(portal.invitation_id("guest@example.net"), Some(invitation));
}

#[apply(on_both)]
fn two_clicks_at_once_bring_somebody_back_once(#[case] portal: &Portal) {
    let scope = portal.scope(Persona::Owner);
    let member = MembershipId::parse(&portal.membership(Persona::Reader)).unwrap();
    portal.signed_in(Persona::Owner);
    let batch = RemovalBatchId::new(portal.app.now());
    portal.app.write_now::<_, portico::db::DbError>(|tx| removal::remove(tx, &scope, &member, &batch)).unwrap();
    let now = portal.app.now();
    let found = portal
        .app
        .db
        .read::<_, portico::db::DbError>(|connection| removals::find(connection, &scope, &batch, now, 10))
        .unwrap();
    let (one, other) = portal.overlapping(|tx| undo::undo(tx, &scope, &found), |tx| undo::undo(tx, &scope, &found));
    assert_eq!(one, [Undo::Restored { name: "Rita Tester".to_owned() }]);
    assert_eq!(other, [Undo::Gone]);
    assert_eq!(portal.role_of("rita@example.com"), Some(Role::Reader));
}

/// An address that is invited anew while its withdrawal is undone has one open invitation.
#[apply(on_both)]
fn undoing_a_withdrawal_races_with_inviting_anew(#[case] portal: &Portal) {
    let scope = portal.scope(Persona::Owner);
    let (id, _) = portal.invite(&scope, "guest@example.net", Role::Reader);
    let id = InvitationId::parse(&id).unwrap();
    let batch = RemovalBatchId::new(portal.app.now());
    portal.app.write_now::<_, portico::db::DbError>(|tx| invite_verbs::withdraw(tx, &scope, &id, &batch)).unwrap();
    let now = portal.app.now();
    let found = portal
        .app
        .db
        .read::<_, portico::db::DbError>(|connection| removals::find(connection, &scope, &batch, now, 10))
        .unwrap();
    let wanted = [("guest@example.net".to_owned(), Role::Editor)];
    let (sent, undone) =
        portal.overlapping(|tx| invite_verbs::invite(tx, &scope, &wanted), |tx| undo::undo(tx, &scope, &found));
    assert_eq!((sent, undone), (vec![invite_verbs::Invite::Sent], vec![Undo::Gone]));
    assert_eq!(portal.invitation_outcomes("guest@example.net").iter().filter(|outcome| outcome.is_none()).count(), 1);
}
