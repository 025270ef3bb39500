//! Taking a seat and giving it back.

use chrono::Duration;
use portico::db::DbError;
use portico::licences::seats::Occupy;
use portico::licences::suspension;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{Persona, Portal, on_both};

#[apply(on_both)]
fn a_seat_is_taken_and_released_and_both_are_recorded(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 2);
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(&page_of(&licence, ""));
    assert!(page.text().contains("2 seats are free.") && page.html().has_button("Occupy a seat"), "{}", page.text());
    let recorded = portal.recorded(|| {
        let answer = editor.post(&page_of(&licence, "/occupy"), &[]);
        assert_eq!((answer.status, answer.location()), (303, page_of(&licence, "").as_str()));
        let page = editor.follow(answer);
        assert!(page.text().contains("You have a seat now.") && page.html().has_button("Release my seat"));
        assert!(page.text().contains("1 of 2 in use"), "{}", page.text());
    });
    assert_eq!(portal.seats_of(&licence), ["edith@example.com"]);
    let [line] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((line.action.as_str(), line.subject_name.as_str()), ("licence.seat.occupied", "Mapper"));
    assert!(line.after.contains("Edith Tester"), "{}", line.after);
    // Once more changes nothing.
    let recorded = portal.recorded_actions(|| {
        let again = editor.follow(editor.post(&page_of(&licence, "/occupy"), &[]));
        assert!(again.text().contains("You have a seat already. Nothing was changed."));
    });
    assert!(recorded.is_empty());
    let recorded = portal.recorded_actions(|| {
        let answer = editor.follow(editor.post(&page_of(&licence, "/release"), &[]));
        assert!(answer.text().contains("Your seat is free for somebody else."));
        let answer = editor.follow(editor.post(&page_of(&licence, "/release"), &[]));
        assert!(answer.text().contains("You have no seat. Nothing was changed."));
    });
    assert_eq!(recorded, ["licence.seat.released"]);
    assert!(portal.seats_of(&licence).is_empty());
}

#[apply(on_both)]
fn there_are_never_more_than_the_licence_has(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Perpetual, 2);
    assert_eq!(portal.occupy(&licence, Persona::Owner), Occupy::Occupied);
    assert_eq!(portal.occupy(&licence, Persona::Manager), Occupy::Occupied);
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::Full { seats: 2 });
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(&page_of(&licence, ""));
    assert!(!page.html().has_button("Occupy a seat") && page.text().contains("No seat is free."));
    let answer = editor.post(&page_of(&licence, "/occupy"), &[]);
    assert_eq!(answer.status, 409);
    assert_eq!(
        answer.html().text(".notice[role=alert]"),
        "All 2 seats are occupied. Somebody has to release one first."
    );
    assert_eq!(portal.seats_of(&licence), ["manuel@example.com", "olga@example.com"]);
}

#[apply(on_both)]
fn at_the_end_seats_are_kept_and_nobody_gets_a_new_one(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Monthly, 5);
    portal.occupy(&licence, Persona::Manager);
    let ends = portal.licence_row(&licence).ends_at.expect("an end");
    portal.later(ends - portal.app.now() - Duration::microseconds(1));
    assert_eq!(portal.occupy(&licence, Persona::Owner), Occupy::Occupied, "in the last moment");
    portal.later(Duration::microseconds(1));
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::NotValid);
    assert_eq!(portal.seats_of(&licence), ["manuel@example.com", "olga@example.com"]);
    let editor = portal.signed_in(Persona::Editor);
    let page = editor.get(&page_of(&licence, "")).text();
    assert!(page.contains("In grace") && page.contains("Ended 23 December 2026"), "{page}");
    assert!(page.contains("Whoever has a seat keeps it until 6 January 2027 ; nobody gets a new one."), "{page}");
    assert_eq!(editor.post(&page_of(&licence, "/occupy"), &[]).status, 409);
    // And still after the grace period: nothing is deleted.
    portal.later(Duration::days(14));
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&page_of(&licence, "")).text();
    assert!(page.contains("Expired") && page.contains("2 of 5 in use"), "{page}");
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::NotValid);
    // A seat can be given back at any time.
    assert_eq!(manager.post(&page_of(&licence, "/release"), &[]).status, 303);
    assert_eq!(portal.seats_of(&licence), ["olga@example.com"]);
}

#[apply(on_both)]
fn a_suspended_licence_gives_no_seat_and_takes_none(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 5);
    portal.occupy(&licence, Persona::Manager);
    let operator = portal.operator();
    portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator, &licence)).expect("it is suspended");
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::NotValid);
    assert_eq!(portal.seats_of(&licence), ["manuel@example.com"]);
    let page = portal.signed_in(Persona::Editor).get(&page_of(&licence, "")).text();
    assert!(page.contains("Suspended") && page.contains("Seats are kept, but nobody gets a new one."), "{page}");
}

#[apply(on_both)]
fn a_licence_without_seats_needs_none(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 0);
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::WithoutSeats);
    let page = portal.signed_in(Persona::Editor).get(&page_of(&licence, ""));
    assert!(page.text().contains("Not needed") && !page.html().has_button("Occupy a seat"));
}

#[apply(on_both)]
fn a_manager_frees_somebody_elses_seat(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    portal.occupy(&licence, Persona::Editor);
    let manager = portal.signed_in(Persona::Manager);
    let page = manager.get(&page_of(&licence, ""));
    assert!(page.text().contains("edith@example.com"), "{}", page.text());
    let path = page.html().attributes("[aria-labelledby=seats-title] form", "action").remove(0);
    assert_eq!(path, page_of(&licence, &format!("/seats/{}/release", portal.membership(Persona::Editor))));
    let recorded = portal.recorded(|| {
        let answer = manager.follow(manager.post(&path, &[]));
        assert!(answer.text().contains("The seat of Edith Tester is free."));
        let answer = manager.follow(manager.post(&path, &[]));
        assert!(answer.text().contains("Edith Tester has no seat any more. Nothing was changed."));
    });
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "licence.seat.released"));
    assert_eq!(recorded[0].actor_name, "Manuel Tester");
    assert!(portal.seats_of(&licence).is_empty());
    // Of somebody who is not there, there is no seat.
    let stranger = portal.scope_of(&Persona::Outsider.email(), "elsewhere").membership.id;
    assert_eq!(manager.post(&page_of(&licence, &format!("/seats/{stranger}/release")), &[]).status, 404);
}
