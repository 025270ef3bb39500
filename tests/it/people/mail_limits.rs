//! Nobody is flooded with mail, and nobody sends without end: whoever invites, and however often a role changes.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::{Role, Scope};
use portico::db::DbError;
use portico::ids::{InvitationId, MembershipId};
use portico::people::invitations::MOST_OPEN;
use portico::people::invite::{self, Invite, Withdraw};
use portico::people::roles::{self, ChangeRole};
use portico::rates::Limit;
use portico::schema::{invitations, people_counts};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::outbox;
use crate::support::places::ELSEWHERE;
use crate::support::{Persona, Portal, acme, batch, invite_one, on_both};

const VICTIM: &str = "victim@example.net";

fn invited(portal: &Portal, scope: &Scope, email: &str) -> Invite {
    portal.app.write_now::<_, DbError>(|tx| invite_one(tx, scope, email, Role::Member)).expect("it is answered")
}

fn withdraw(portal: &Portal, scope: &Scope, email: &str) {
    let id = portal.query(|connection| {
        let open = invitations::table
            .filter(invitations::email.eq(email))
            .filter(invitations::organization_id.eq(scope.organization_id()))
            .filter(invitations::closed_at.is_null());
        open.select(invitations::id).first::<InvitationId>(connection)
    });
    let outcome = portal.app.write_now::<_, DbError>(|tx| invite::withdraw(tx, scope, &id, &batch())).unwrap();
    assert!(matches!(outcome, Withdraw::Withdrawn { .. }));
}

#[apply(on_both)]
fn one_address_is_sent_ten_invitations_a_day_by_whomever_and_withdrawn_ones_count(#[case] portal: &Portal) {
    let scopes = [portal.scope(Persona::Owner), portal.scope_of(&Persona::Outsider.email(), ELSEWHERE)];
    for round in 0..10 {
        let scope = &scopes[round % 2];
        assert_eq!(invited(portal, scope, VICTIM), Invite::Sent, "{round}");
        assert_eq!(outbox::deliver(&portal.app), 1);
        withdraw(portal, scope, VICTIM);
    }
    for scope in &scopes {
        assert!(matches!(invited(portal, scope, VICTIM), Invite::RecipientTooOften(_)));
        assert_eq!(
            invited(portal, scope, &format!("{}@example.net", scope.slug())),
            Invite::Sent,
            "others are invited"
        );
    }
    assert_eq!(portal.mails_to(VICTIM).len(), 10);
    portal.later(Duration::days(1));
    assert_eq!(invited(portal, &scopes[0], VICTIM), Invite::Sent);
}

#[apply(on_both)]
fn sending_again_counts_for_the_recipient_too(#[case] portal: &Portal) {
    let (owner, browser) = (portal.scope(Persona::Owner), portal.signed_in(Persona::Owner));
    assert_eq!(invited(portal, &owner, VICTIM), Invite::Sent);
    let path = acme(&format!("/people/{}/resend", portal.invitation_id(VICTIM).unwrap()));
    for _ in 0..3 {
        // Five an hour are allowed for one invitation.
        for _ in 0..4 {
            assert_eq!(browser.post(&path, &[]).status, 303);
        }
        portal.later(Duration::hours(1));
    }
    assert_eq!(portal.mails_to(VICTIM).len(), 10);
}

fn use_up(portal: &Portal, limit: Limit, who: &str, left: i32) {
    let (granted, _) = portal
        .app
        .write_now::<_, DbError>(|tx| {
            let (most, _) = tx.take_up_to(limit, who, i32::MAX)?;
            tx.give_back(limit, who, left.min(most))?;
            tx.take_up_to(limit, who, 0)
        })
        .expect("the counter is written");
    assert_eq!(granted, 0);
}

#[apply(on_both)]
fn a_form_takes_what_is_left_of_each_limit_and_says_of_which_line_there_was_none(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    let limits = [
        (Limit::InvitationsNetwork, owner.person().ip.clone()),
        (Limit::InvitationsAccount, owner.person().user_id.to_string()),
        (Limit::InvitationsOrganization, owner.organization_id().to_string()),
    ];
    for (round, (limit, who)) in limits.iter().enumerate() {
        use_up(portal, *limit, who, 2);
        let emails: Vec<(String, Role)> =
            (0..5).map(|line| (format!("guest-{line}@round-{round}.example.com"), Role::Member)).collect();
        let outcomes = portal.app.write_now::<_, DbError>(|tx| invite::invite(tx, &owner, &emails)).unwrap();
        assert_eq!(outcomes[..2], [Invite::Sent, Invite::Sent], "{round}");
        assert!(outcomes[2..].iter().all(|outcome| matches!(outcome, Invite::TooOften(_))), "{outcomes:?}");
        portal.later(Duration::days(1));
    }
}

#[apply(on_both)]
fn what_was_not_needed_is_given_back(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    use_up(portal, Limit::InvitationsOrganization, owner.organization_id().as_str(), 3);
    // Members and doubles send nothing, so three are still left for those behind them.
    let people = ["rita@example.com", "a@example.net", "milo@example.com", "b@example.net", "c@example.net"];
    let wanted: Vec<(String, Role)> = people.iter().map(|email| ((*email).to_owned(), Role::Member)).collect();
    for part in wanted.chunks(2) {
        let outcomes = portal.app.write_now::<_, DbError>(|tx| invite::invite(tx, &owner, part)).unwrap();
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Invite::Sent | Invite::AlreadyMember)), "{outcomes:?}");
    }
    assert!(matches!(invited(portal, &owner, "d@example.net"), Invite::TooOften(_)));
}

#[apply(on_both)]
fn an_organization_has_a_most_of_open_invitations(#[case] portal: &Portal) {
    let owner = portal.scope(Persona::Owner);
    assert_eq!(invited(portal, &owner, "first@example.net"), Invite::Sent);
    // That as many are kept as there are is tested in `counting.rs`: ten thousand need not be sent for it here.
    let kept = people_counts::table
        .filter(people_counts::organization_id.eq(owner.organization_id()))
        .filter(people_counts::kind.eq("invited"));
    let nearly_all = i32::try_from(MOST_OPEN).unwrap() - 50;
    let wanted: Vec<(String, Role)> =
        (0..60).map(|number| (format!("guest-{number}@example.net"), Role::Member)).collect();
    let outcomes = portal
        .app
        .write_now::<_, DbError>(|tx| {
            let changed = diesel::update(kept).set(people_counts::people.eq(nearly_all)).execute(tx.connection)?;
            assert_eq!(changed, 1);
            invite::invite(tx, &owner, &wanted)
        })
        .expect("they are invited");
    let sent = outcomes.iter().filter(|one| **one == Invite::Sent).count();
    let refused = outcomes.iter().filter(|one| **one == Invite::TooManyOpen).count();
    assert_eq!((sent, refused), (50, 10), "{outcomes:?}");
    assert_eq!(invited(portal, &owner, "one-more@example.net"), Invite::TooManyOpen);
    withdraw(portal, &owner, "first@example.net");
    assert_eq!(invited(portal, &owner, "one-more@example.net"), Invite::Sent);
}

#[apply(on_both)]
fn a_role_that_changes_again_and_again_sends_two_mails_an_hour_and_the_last_one_is_true(#[case] portal: &Portal) {
    let manager = portal.scope(Persona::Manager);
    let member = MembershipId::parse(&portal.membership(Persona::Member)).unwrap();
    let change = |from: Role, to: Role| {
        let outcome = portal.app.write_now::<_, DbError>(|tx| roles::change(tx, &manager, &member, from, to)).unwrap();
        assert!(matches!(outcome, ChangeRole::Changed { .. }), "{outcome:?}");
    };
    let email = Persona::Member.email();
    let subjects = || portal.mails_to(&email).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    let deliver = || outbox::deliver(&portal.app);
    change(Role::Member, Role::Reader);
    assert_eq!(deliver(), 1, "the first one goes at once");
    for _ in 0..50 {
        change(Role::Reader, Role::Editor);
        change(Role::Editor, Role::Reader);
        deliver();
    }
    change(Role::Reader, Role::Editor);
    assert_eq!(deliver(), 0, "the next one waits");
    portal.later(Duration::hours(1));
    assert_eq!(deliver(), 1);
    assert_eq!(
        subjects(),
        ["Your role in Acme on Portico is now Reader", "Your role in Acme on Portico is now Editor"]
    );
    // Each change is recorded, whether a mail told of it or not.
    assert_eq!(portal.actions().iter().filter(|action| *action == "member.role.changed").count(), 102);
}

#[apply(on_both)]
fn the_form_says_that_an_address_was_invited_too_often(#[case] portal: &Portal) {
    portal.app.write_now::<_, DbError>(|tx| tx.take_up_to(Limit::InvitationsRecipient, VICTIM, 10)).unwrap();
    let owner = portal.signed_in(Persona::Owner);
    let answer = crate::support::invite(&owner, VICTIM, Role::Reader);
    assert_eq!(answer.status, 422);
    let said = answer.html().text("#emails-error");
    assert_eq!(said, "This address has been sent many invitations today. Try again in 1440 minutes.");
    assert_eq!(answer.html().value("emails"), VICTIM, "what was typed stays");
}
