//! Who leaves or is removed leaves seats and access behind; an undo gives them back as far as there is room.

use diesel::prelude::*;
use portico::access::Role;
use portico::ids::LicenceId;
use portico::licences::terms::Term;
use portico::schema::{licence_grants, removed_licences};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Answer, Browser, Persona, Portal, acme, on_both, outbox};

fn remove(browser: &Browser, persona: &str) -> Answer {
    browser.follow(browser.post(&acme("/people/remove"), &[("selected", persona)]))
}

fn undo(browser: &Browser, page: &Answer) -> Answer {
    let path = page.html().attributes(".notice form", "action").remove(0);
    browser.follow(browser.post(&path, &[]))
}

fn grants_of(portal: &Portal, licence: &LicenceId) -> i64 {
    portal.query(|connection| {
        licence_grants::table.filter(licence_grants::licence_id.eq(licence)).count().get_result(connection)
    })
}

#[apply(on_both)]
fn a_removal_frees_seats_and_access_and_its_undo_gives_them_back(#[case] portal: &Portal) {
    let (seated, given) = (portal.licence(Term::Yearly, 2), portal.licence(Term::Yearly, 2));
    for licence in [&seated, &given] {
        portal.give_access(licence, "rita@example.com");
    }
    portal.occupy(&seated, Persona::Reader);
    let before = portal.seat_rows(&seated)[0].1;
    let manager = portal.signed_in(Persona::Manager);
    let mut page = None;
    let recorded = portal.recorded_actions(|| page = Some(remove(&manager, &portal.membership(Persona::Reader))));
    let freed = ["licence.access.revoked", "licence.access.revoked", "licence.seat.released", "member.removed"];
    assert_eq!(recorded, freed);
    assert!(portal.seats_of(&seated).is_empty());
    assert_eq!((grants_of(portal, &seated), grants_of(portal, &given)), (0, 0));

    portal.later(chrono::Duration::minutes(3));
    let recorded = portal.recorded_actions(|| {
        let page = undo(&manager, &page.expect("a page"));
        assert!(page.text().contains("Rita Tester is back as before."), "{}", page.text());
    });
    let back = ["licence.access.granted", "licence.access.granted", "licence.seat.occupied", "member.restored"];
    assert_eq!(recorded, back);
    assert_eq!(portal.seats_of(&seated), ["rita@example.com"]);
    assert_eq!(portal.seat_rows(&seated)[0].1, before, "since when she had it");
    assert_eq!((grants_of(portal, &seated), grants_of(portal, &given)), (1, 1));
}

#[apply(on_both)]
fn an_undo_says_which_seat_somebody_else_has_by_now(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    portal.occupy(&licence, Persona::Editor);
    let owner = portal.signed_in(Persona::Owner);
    let page = remove(&owner, &portal.membership(Persona::Editor));
    portal.occupy(&licence, Persona::Manager);
    let said = undo(&owner, &page).text();
    assert!(
        said.contains("Edith Tester is back as before. No seat is free any more for Edith Tester: Mapper."),
        "{said}"
    );
    assert_eq!(portal.seats_of(&licence), ["manuel@example.com"]);
    assert_eq!(portal.role_of("edith@example.com"), Some(Role::Editor));
}

#[apply(on_both)]
fn who_leaves_frees_their_seats(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    portal.occupy(&licence, Persona::Editor);
    let recorded = portal.recorded_actions(|| {
        assert_eq!(portal.signed_in(Persona::Editor).post(&acme("/leave"), &[]).status, 303);
    });
    assert_eq!(recorded, ["licence.seat.released", "member.left"]);
    assert!(portal.seats_of(&licence).is_empty());
}

#[apply(on_both)]
fn what_can_no_longer_be_undone_is_forgotten(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    portal.occupy(&licence, Persona::Editor);
    remove(&portal.signed_in(Persona::Owner), &portal.membership(Persona::Editor));
    let kept = || portal.query(|connection| removed_licences::table.count().get_result::<i64>(connection));
    assert_eq!(kept(), 1);
    portal.later(chrono::Duration::hours(2));
    outbox::run_due_jobs(portal);
    assert_eq!(kept(), 0);
}

/// Nobody loses a seat when a licence ends or is suspended, so neither does who was removed for a moment.
#[apply(on_both)]
fn an_undo_gives_back_a_seat_of_a_licence_that_ended_or_was_suspended_meanwhile(#[case] portal: &Portal) {
    let (ended, suspended) = (portal.licence(Term::Monthly, 1), portal.licence(Term::Yearly, 1));
    portal
        .later(portal.licence_row(&ended).ends_at.expect("it ends") - portal.app.now() - chrono::Duration::minutes(1));
    for licence in [&ended, &suspended] {
        portal.occupy(licence, Persona::Editor);
    }
    let manager = portal.signed_in(Persona::Manager);
    let page = remove(&manager, &portal.membership(Persona::Editor));
    portal.later(chrono::Duration::minutes(2));
    let operator = portal.operator();
    portal
        .app
        .write_now::<_, portico::db::DbError>(|tx| portico::licences::suspension::suspend(tx, &operator, &suspended))
        .expect("it is suspended");
    assert!(undo(&manager, &page).text().contains("Edith Tester is back as before."));
    for licence in [&ended, &suspended] {
        assert_eq!(portal.seats_of(licence), ["edith@example.com"]);
    }
    // A new seat nobody gets there.
    assert_eq!(portal.occupy(&ended, Persona::Manager), portico::licences::seats::Occupy::NotValid);
}
