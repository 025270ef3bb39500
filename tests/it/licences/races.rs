//! Many at once: seats are never given twice, and nobody loses what somebody else was given at the same moment.

use std::sync::Barrier;

use portico::access::Role;
use portico::db::DbError;
use portico::ids::MembershipId;
use portico::licences::grants::{self, Revoke};
use portico::licences::seats::{self, Occupy};
use portico::licences::suspension::{self, SetSeats};
use portico::licences::terms::Term;
use portico::licences::{cancellation, leaving};
use portico::people::removal::{self, Remove};
use portico::people::roles::{self, ChangeRole};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, SLUG, batch, on_both};

#[apply(on_both)]
fn of_fifty_who_fight_for_the_last_seat_one_gets_it(#[case] portal: &Portal) {
    const FIGHTERS: usize = 50;
    let licence = portal.licence(Term::Yearly, 3);
    portal.occupy(&licence, Persona::Owner);
    portal.occupy(&licence, Persona::Manager);
    let scopes: Vec<_> = (0..FIGHTERS)
        .map(|number| {
            let email = format!("fighter-{number}@example.com");
            portal.add_person(&email, Role::Editor);
            portal.scope_of(&email, SLUG)
        })
        .collect();
    let start = Barrier::new(FIGHTERS);
    // A connection waits for its turn; who does not get one in time tries again, as a person would.
    let fight = |scope: &portico::access::Scope| {
        start.wait();
        loop {
            match portal.app.write_now::<_, DbError>(|tx| seats::occupy(tx, scope, &licence)) {
                Ok(outcome) => return outcome,
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
        }
    };
    let outcomes: Vec<Occupy> = std::thread::scope(|threads| {
        let fighters: Vec<_> = scopes.iter().map(|scope| threads.spawn(|| fight(scope))).collect();
        fighters.into_iter().map(|fighter| fighter.join().expect("it ends")).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Occupy::Occupied).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Occupy::Full { seats: 3 }).count(), FIGHTERS - 1);
    assert_eq!(portal.seats_of(&licence).len(), 3);
}

#[apply(on_both)]
fn of_two_who_take_the_last_seat_in_overlapping_transactions_one_gets_it(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let (editor, manager) = (portal.scope(Persona::Editor), portal.scope(Persona::Manager));
    let (first, second) =
        portal.overlapping(|tx| seats::occupy(tx, &editor, &licence), |tx| seats::occupy(tx, &manager, &licence));
    assert_eq!((first, second), (Occupy::Occupied, Occupy::Full { seats: 1 }));
    assert_eq!(portal.seats_of(&licence), ["edith@example.com"]);
}

#[apply(on_both)]
fn one_person_in_two_windows_has_one_seat(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 5);
    let editor = portal.scope(Persona::Editor);
    let occupy = |tx: &mut portico::db::WriteTx| seats::occupy(tx, &editor, &licence);
    assert_eq!(portal.overlapping(occupy, occupy), (Occupy::Occupied, Occupy::Already));
    assert_eq!(portal.seats_of(&licence).len(), 1);
}

#[apply(on_both)]
fn seats_are_not_reduced_below_one_that_is_taken_meanwhile(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 2);
    portal.occupy(&licence, Persona::Owner);
    let (editor, operator) = (portal.scope(Persona::Editor), portal.operator());
    let (occupied, reduced) = portal
        .overlapping(|tx| seats::occupy(tx, &editor, &licence), |tx| suspension::set_seats(tx, &operator, &licence, 1));
    assert_eq!((occupied, reduced), (Occupy::Occupied, SetSeats::InUse { used: 2 }));
    assert_eq!((portal.licence_row(&licence).seats, portal.seats_of(&licence).len()), (2, 2));
    // And the other way round.
    let other = portal.licence(Term::Yearly, 2);
    portal.occupy(&other, Persona::Owner);
    let (reduced, occupied) = portal
        .overlapping(|tx| suspension::set_seats(tx, &operator, &other, 1), |tx| seats::occupy(tx, &editor, &other));
    assert_eq!(reduced, SetSeats::Set { product: "Mapper".to_owned(), before: 2 });
    assert_eq!(occupied, Occupy::Full { seats: 1 });
    assert_eq!((portal.licence_row(&other).seats, portal.seats_of(&other).len()), (1, 1));
}

#[apply(on_both)]
fn who_loses_access_keeps_no_seat_that_they_take_meanwhile(#[case] portal: &Portal) {
    let reader = MembershipId::parse(&portal.membership(Persona::Reader)).unwrap();
    let (manager, rita) = (portal.scope(Persona::Manager), portal.scope(Persona::Reader));
    let licence = portal.licence(Term::Yearly, 2);
    portal.give_access(&licence, "rita@example.com");
    let (revoked, occupied) = portal
        .overlapping(|tx| grants::revoke(tx, &manager, &licence, &reader), |tx| seats::occupy(tx, &rita, &licence));
    let name = "Rita Tester".to_owned();
    assert_eq!((revoked, occupied), (Revoke::Revoked { name: name.clone(), had_seat: false }, Occupy::Gone));
    portal.give_access(&licence, "rita@example.com");
    let (occupied, revoked) = portal
        .overlapping(|tx| seats::occupy(tx, &rita, &licence), |tx| grants::revoke(tx, &manager, &licence, &reader));
    assert_eq!((occupied, revoked), (Occupy::Occupied, Revoke::Revoked { name, had_seat: true }));
    assert!(portal.seats_of(&licence).is_empty());
}

#[apply(on_both)]
fn who_is_removed_or_lowered_keeps_no_seat_that_they_take_meanwhile(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 2);
    let (owner, editor) = (portal.scope(Persona::Owner), portal.scope(Persona::Editor));
    let (lowered, occupied) = portal.overlapping(
        |tx| roles::change(tx, &owner, &editor.membership.id, Role::Editor, Role::Reader),
        |tx| seats::occupy(tx, &editor, &licence),
    );
    assert!(matches!(lowered, ChangeRole::Changed { .. }));
    assert_eq!(occupied, Occupy::Gone, "a Reader has access to none");
    portal.set_role("edith@example.com", Role::Editor);
    let (occupied, removed) = portal.overlapping(
        |tx| seats::occupy(tx, &editor, &licence),
        |tx| removal::remove(tx, &owner, &editor.membership.id, &batch()),
    );
    assert_eq!(occupied, Occupy::Occupied);
    assert!(matches!(removed, Remove::Removed { .. }));
    assert!(portal.seats_of(&licence).is_empty());
    assert_eq!(portal.occupy_as(&editor, &licence), Occupy::Gone, "and gets none afterwards");
}

#[apply(on_both)]
fn cancelling_and_resuming_at_once_leave_what_came_last(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let owner = portal.scope(Persona::Owner);
    let (cancelled, resumed) = portal
        .overlapping(|tx| cancellation::cancel(tx, &owner, &licence), |tx| cancellation::resume(tx, &owner, &licence));
    assert!(matches!(cancelled, cancellation::Cancel::Cancelled { .. }));
    assert_eq!(resumed, cancellation::Resume::Resumed);
    assert_eq!(portal.licence_row(&licence).cancelled_at, None);
    let (resumed, cancelled) = portal
        .overlapping(|tx| cancellation::resume(tx, &owner, &licence), |tx| cancellation::cancel(tx, &owner, &licence));
    assert_eq!(resumed, cancellation::Resume::NotCancelled);
    assert!(matches!(cancelled, cancellation::Cancel::Cancelled { .. }));
    let cancel = |tx: &mut portico::db::WriteTx| cancellation::cancel(tx, &owner, &licence);
    assert_eq!(portal.overlapping(cancel, cancel), (cancellation::Cancel::Already, cancellation::Cancel::Already));
}

/// Two are brought back at once, and one seat is left.
#[apply(on_both)]
fn what_is_given_back_is_never_more_than_there_is(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let owner = portal.scope(Persona::Owner);
    let had = [leaving::Had { licence_id: licence.clone(), occupied_at: Some(portal.app.now()), granted_at: None }];
    let users = [Persona::Editor, Persona::Manager].map(|persona| portal.scope(persona).person().user_id.clone());
    let back = |tx: &mut portico::db::WriteTx, user: &portico::ids::UserId| {
        owner.lock(tx)?;
        leaving::give_back(tx, portico::audit::By::member(&owner), user, "Somebody", &had)
    };
    let (one, other) = portal.overlapping(|tx| back(tx, &users[0]), |tx| back(tx, &users[1]));
    assert_eq!((one, other), (Vec::new(), vec!["Mapper".to_owned()]));
    assert_eq!(portal.seats_of(&licence).len(), 1);
}
