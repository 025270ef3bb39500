//! "Undo" after something else has happened: the account was suspended, they came back in another way, the address wants no more
//! invitations. And at the same moment.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::{Operator, Role, Scope};
use portico::accounts::users;
use portico::db::DbError;
use portico::ids::{InvitationId, MembershipId, RemovalId};
use portico::people::invite::{self as invite_verbs, Invite};
use portico::people::offers::{self, Answer, Key};
use portico::people::removals::{self, WINDOW};
use portico::people::undo::{self, Undo};
use portico::people::{blocks, members, removal, suspension};
use portico::schema::removals as rows;
use portico::secrets::Secret;
use rstest::rstest;
use rstest_reuse::apply;

use super::undo::{remove, undo_path};
use crate::support::{Persona, Portal, acme, batch, invite, on_both, outbox};

const RITA: &str = "rita@example.com";
const GUEST: &str = "guest@example.net";

fn operator() -> Operator {
    Operator { name: "ada".to_owned() }
}

fn restored(name: &str) -> Undo {
    Undo::Restored { name: name.to_owned() }
}

impl Portal {
    /// Removes Rita, or whoever has this membership, by the verb, and answers what names the removal.
    fn removed(&self, owner: &Scope, member: &str) -> Vec<RemovalId> {
        let (member, batch) = (MembershipId::parse(member).expect("an id"), batch());
        self.app.write_now::<_, DbError>(|tx| removal::remove(tx, owner, &member, &batch)).expect("they are removed");
        let now = self.app.now();
        self.app.db.read::<_, DbError>(|connection| removals::find(connection, owner, &batch, now, 10)).expect("found")
    }

    /// Withdraws an invitation by the verb.
    fn withdrawn(&self, owner: &Scope, invitation: &str) -> Vec<RemovalId> {
        let (id, batch) = (InvitationId::parse(invitation).expect("an id"), batch());
        self.app.write_now::<_, DbError>(|tx| invite_verbs::withdraw(tx, owner, &id, &batch)).expect("it is withdrawn");
        let now = self.app.now();
        self.app.db.read::<_, DbError>(|connection| removals::find(connection, owner, &batch, now, 10)).expect("found")
    }

    /// How many removals are remembered.
    fn remembered(&self) -> i64 {
        self.query(|connection| rows::table.count().get_result(connection))
    }
}

#[apply(on_both)]
fn who_was_suspended_meanwhile_or_before_is_back_as_that(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    let suspend = |email| portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator(), email)).unwrap();
    suspend("milo@example.com");
    let path = undo_path(&remove(&owner, &[&portal.membership(Persona::Reader), &portal.membership(Persona::Member)]));
    suspend(RITA);
    assert_eq!(portal.counts_agree().suspended.total(), 0);
    let answer = owner.post(&path, &[]);
    assert!(owner.follow(answer).text().contains("All 2 are back as before."));
    let counts = portal.counts_agree();
    assert_eq!((counts.suspended.of(Role::Reader), counts.suspended.of(Role::Member)), (1, 1), "{counts:?}");
    let list = owner.get(&acme("/people?role=reader")).html().texts("tbody tr");
    assert!(list.len() == 1 && list[0].contains(RITA) && list[0].contains("Suspended"), "{list:?}");
    let active = owner.get(&acme("/people?status=active")).html().texts("tbody tr");
    assert!(!active.iter().any(|row| row.contains(RITA)), "{active:?}");
    // Counted as what they are when they are let in again, too.
    portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator(), RITA)).unwrap();
    assert_eq!(portal.counts_agree().active.of(Role::Reader), 1);
}

#[apply(on_both)]
fn who_is_suspended_at_the_moment_they_come_back_is_counted_right(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let found = portal.removed(&owner, &portal.membership(Persona::Reader));
    let (_, undone) =
        portal.overlapping(|tx| suspension::suspend(tx, &operator(), RITA), |tx| undo::undo(tx, &owner, &found));
    assert_eq!(undone, [restored("Rita Tester")]);
    assert_eq!(portal.counts_agree().suspended.of(Role::Reader), 1);
    portal.app.write_now::<_, DbError>(|tx| suspension::resume(tx, &operator(), RITA)).unwrap();
    let found = portal.removed(&owner, &portal.member_id(RITA).expect("a member"));
    let (undone, _) =
        portal.overlapping(|tx| undo::undo(tx, &owner, &found), |tx| suspension::suspend(tx, &operator(), RITA));
    assert_eq!(undone, [restored("Rita Tester")]);
    assert_eq!(portal.counts_agree().suspended.of(Role::Reader), 1);
}

/// Accepting locks the account, then the Organization: whoever did it the other way round would wait for it, and it for them.
#[apply(on_both)]
fn undoing_waits_for_somebody_who_is_accepting_and_not_they_for_it(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let rita = portal.scope(Persona::Reader).person().clone();
    let found = portal.removed(&owner, &portal.membership(Persona::Reader));
    let (id, _) = portal.invite(&owner, RITA, Role::Editor);
    let key = Key::Id(InvitationId::parse(&id).expect("an id"));
    let (answer, undone) = portal.interleaved(
        |tx| users::lock_active(tx, &rita.user_id),
        |tx| undo::undo(tx, &owner, &found),
        |tx, _| offers::accept(tx, &key, &rita),
    );
    assert!(matches!(answer, Answer::Joined { .. }), "{answer:?}");
    assert_eq!(undone, [Undo::Gone]);
    assert_eq!(portal.role_of(RITA), Some(Role::Editor));
    portal.counts_agree();
}

#[apply(on_both)]
fn who_came_back_in_another_way_stays_as_they_are(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, GUEST, Role::Reader);
    let invitation = portal.invitation_id(GUEST).unwrap();
    let page = remove(&owner, &[&portal.membership(Persona::Reader), &invitation]);
    let path = undo_path(&page);
    // Both are invited anew; one has accepted.
    invite(&owner, &format!("{RITA}\n{GUEST}"), Role::Editor);
    let reader = portal.signed_in(Persona::Reader);
    let anew = portal.invitation_id(RITA).unwrap();
    assert_eq!(reader.post(&format!("/home/invitations/{anew}/accept"), &[]).status, 303);
    let recorded = portal.recorded_actions(|| {
        let answer = owner.post(&path, &[]);
        assert!(owner.follow(answer).text().contains("They are back already, or can no longer be brought back."));
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert_eq!(portal.role_of(RITA), Some(Role::Editor));
    assert_ne!(portal.invitation_id(GUEST), Some(invitation));
}

#[apply(on_both)]
fn who_is_a_member_again_is_not_told_that_they_were_removed(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    remove(&owner, &[&portal.membership(Persona::Reader)]);
    invite(&owner, RITA, Role::Reader);
    let anew = portal.invitation_id(RITA).unwrap();
    let reader = portal.signed_in(Persona::Reader);
    assert_eq!(reader.post(&format!("/home/invitations/{anew}/accept"), &[]).status, 303);
    assert_eq!(portal.remembered(), 0);
    portal.later(WINDOW + Duration::minutes(1));
    outbox::deliver(&portal.app);
    let subjects: Vec<String> = portal.mails_to(RITA).into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Olga Tester invites you to Acme on Portico"]);
    // Removed once more, they are told once.
    remove(&portal.signed_in(Persona::Owner), &[&portal.member_id(RITA).expect("a member")]);
    portal.later(WINDOW);
    outbox::deliver(&portal.app);
    assert_eq!(portal.mails_to(RITA).len(), 2);
}

/// Whatever way it is by: all of them make somebody a member by this verb. What is rolled back has taken back nothing.
#[apply(on_both)]
fn the_mail_about_a_removal_is_taken_back_with_the_membership(#[case] portal: &Portal) {
    let rita = portal.scope(Persona::Reader).person().user_id.clone();
    let organization = portal.organization_id();
    portal.removed(&portal.scope(Persona::Owner), &portal.membership(Persona::Reader));
    let join = |fails: bool| {
        portal.app.write_now::<_, DbError>(|tx| {
            members::join(tx, &organization, &rita, Role::Reader, "Olga Tester")?;
            if fails { Err(DbError::Unreachable("the test pulls the plug".to_owned())) } else { Ok(()) }
        })
    };
    assert!(join(true).is_err());
    assert_eq!((portal.remembered(), portal.mails_to(RITA).len()), (1, 1));
    join(false).expect("they join");
    assert_eq!((portal.remembered(), portal.mails_to(RITA).len()), (0, 0));
}

#[apply(on_both)]
fn an_address_that_wants_no_more_invitations_gets_none_back(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, GUEST, Role::Reader);
    outbox::deliver(&portal.app);
    let link = portal.link_to(GUEST);
    let path = undo_path(&remove(&owner, &[&portal.invitation_id(GUEST).unwrap()]));
    assert_eq!(portal.browser().post(&format!("{link}/block"), &[]).status, 200);
    let recorded = portal.recorded_actions(|| {
        let answer = owner.post(&path, &[]);
        assert!(owner.follow(answer).text().contains("can no longer be brought back."));
    });
    assert!(recorded.is_empty(), "{recorded:?}");
    assert_eq!((portal.invitation_id(GUEST), portal.mails_to(GUEST).len()), (None, 1));
}

#[apply(on_both)]
fn blocking_while_a_withdrawal_is_undone_leaves_nothing_open(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    for is_blocked_first in [true, false] {
        let email = format!("guest-{is_blocked_first}@example.net");
        let (id, link) = portal.invite(&owner, &email, Role::Reader);
        let secret = Secret::presented(link.trim_start_matches("/invitations/"));
        outbox::deliver(&portal.app);
        let found = portal.withdrawn(&owner, &id);
        if is_blocked_first {
            let (_, undone) =
                portal.overlapping(|tx| blocks::block(tx, &secret, "192.0.2.1"), |tx| undo::undo(tx, &owner, &found));
            assert_eq!(undone, [Undo::Gone]);
        } else {
            let (undone, _) =
                portal.overlapping(|tx| undo::undo(tx, &owner, &found), |tx| blocks::block(tx, &secret, "192.0.2.1"));
            assert_eq!(undone, [restored(&email)]);
        }
        assert_eq!(portal.invitation_id(&email), None);
    }
    portal.counts_agree();
}

#[apply(on_both)]
fn two_clicks_at_once_bring_somebody_back_once(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let found = portal.removed(&owner, &portal.membership(Persona::Reader));
    let (one, other) = portal.overlapping(|tx| undo::undo(tx, &owner, &found), |tx| undo::undo(tx, &owner, &found));
    assert_eq!(one, [restored("Rita Tester")]);
    assert_eq!(other, [Undo::Gone]);
    assert_eq!(portal.role_of(RITA), Some(Role::Reader));
}

/// An address that is invited anew while its withdrawal is undone has one open invitation.
#[apply(on_both)]
fn undoing_a_withdrawal_races_with_inviting_anew(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let (id, _) = portal.invite(&owner, GUEST, Role::Reader);
    let found = portal.withdrawn(&owner, &id);
    let wanted = [(GUEST.to_owned(), Role::Editor)];
    let (sent, undone) =
        portal.overlapping(|tx| invite_verbs::invite(tx, &owner, &wanted), |tx| undo::undo(tx, &owner, &found));
    assert_eq!((sent, undone), (vec![Invite::Sent], vec![Undo::Gone]));
    assert_eq!(portal.invitation_outcomes(GUEST).iter().filter(|outcome| outcome.is_none()).count(), 1);
}

#[apply(on_both)]
fn an_undo_does_not_open_more_invitations_than_there_may_be(#[case] portal: &Portal) {
    use portico::schema::people_counts;
    let owner = portal.scope(Persona::Owner);
    let (id, _) = portal.invite(&owner, GUEST, Role::Member);
    let wanted = portal.withdrawn(&owner, &id);
    // As if so many were open: what is counted is what counts.
    portal.invite(&owner, "other@example.net", Role::Member);
    let of_organization = people_counts::table
        .filter(people_counts::organization_id.eq(owner.organization_id()))
        .filter(people_counts::kind.eq("invited"));
    let full = i32::try_from(portico::people::invitations::MOST_OPEN).expect("a number");
    let set = |people: i32| {
        portal
            .app
            .write_now::<_, DbError>(|tx| {
                Ok(diesel::update(of_organization).set(people_counts::people.eq(people)).execute(tx.connection)?)
            })
            .expect("it is stored")
    };
    assert!(set(full) > 0);
    let undone = portal.app.write_now::<_, DbError>(|tx| undo::undo(tx, &owner, &wanted)).expect("an answer");
    assert_eq!(undone, [Undo::Gone]);
}
