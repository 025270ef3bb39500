//! Cancelling, and taking that back until the end of the last day.

use chrono::Duration;
use portico::licences::seats::Occupy;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::page_of;
use crate::support::{Persona, Portal, on_both};

#[apply(on_both)]
fn a_page_says_what_is_lost_and_when_and_until_then_nothing_changes(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 3);
    portal.occupy(&licence, Persona::Editor);
    portal.occupy(&licence, Persona::Manager);
    let owner = portal.signed_in(Persona::Owner);
    let page = owner.get(&page_of(&licence, ""));
    assert!(page.html().has_button("Cancel licence"));
    let page = owner.get(&page_of(&licence, "/cancel")).text();
    for part in [
        "Until 23 November 2027",
        "through the end of that day (UTC)",
        "2 people have a seat now",
        "You lose: Desktop processing",
        "There is no grace period.",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let recorded = portal.recorded(|| {
        let answer = owner.post(&page_of(&licence, "/cancel"), &[]);
        let page = owner.follow(answer).text();
        assert!(page.contains("Cancelled. Nothing changes until 23 November 2027"), "{page}");
        assert!(page.contains("Cancellation pending") && page.contains("Ends 23 November 2027"), "{page}");
    });
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "licence.cancelled"));
    assert_eq!(portal.occupy(&licence, Persona::Owner), Occupy::Occupied, "it is paid");
    let again = owner.follow(owner.post(&page_of(&licence, "/cancel"), &[])).text();
    assert!(again.contains("It was cancelled already. Nothing was changed."), "{again}");

    // In its last moment it can be resumed, and not after it.
    let ends = portal.licence_row(&licence).ends_at.expect("an end");
    portal.later(ends - portal.app.now() - Duration::seconds(1));
    let owner = portal.signed_in(Persona::Owner);
    let recorded = portal.recorded_actions(|| {
        let page = owner.follow(owner.post(&page_of(&licence, "/resume"), &[])).text();
        assert!(page.contains("Resumed. The licence goes on as before."), "{page}");
        let page = owner.follow(owner.post(&page_of(&licence, "/resume"), &[])).text();
        assert!(page.contains("It is not cancelled. Nothing was changed."), "{page}");
    });
    assert_eq!(recorded, ["licence.cancellation.withdrawn"]);
    assert_eq!(owner.post(&page_of(&licence, "/cancel"), &[]).status, 303);
    portal.later(Duration::seconds(1));
    let answer = owner.post(&page_of(&licence, "/resume"), &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Its last day is over, so it cannot be resumed."));
    let page = owner.get(&page_of(&licence, "")).text();
    assert!(page.contains("Expired") && !page.contains("In grace"), "{page}");
    assert_eq!(portal.seats_of(&licence).len(), 3, "nothing was deleted");
}

#[apply(on_both)]
fn what_does_not_go_on_by_itself_cannot_be_cancelled(#[case] portal: &Portal) {
    let owner = portal.signed_in(Persona::Owner);
    for term in [Term::Trial, Term::Perpetual] {
        let licence = portal.licence(term, 1);
        assert!(!owner.get(&page_of(&licence, "")).html().has_button("Cancel licence"));
        let page = owner.get(&page_of(&licence, "/cancel"));
        assert!(page.text().contains("There is nothing to cancel") && !page.html().has_button("Cancel licence"));
        assert_eq!(owner.post(&page_of(&licence, "/cancel"), &[]).status, 409, "{term:?}");
        assert_eq!(portal.licence_row(&licence).cancelled_at, None);
    }
    // Nor what has ended.
    let licence = portal.licence(Term::Monthly, 1);
    portal.later(Duration::days(40));
    let owner = portal.signed_in(Persona::Owner);
    assert_eq!(owner.post(&page_of(&licence, "/cancel"), &[]).status, 409);
    assert_eq!(portal.licence_row(&licence).cancelled_at, None);
}

#[apply(on_both)]
fn only_owners_cancel(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    for persona in [Persona::Manager, Persona::Editor] {
        let browser = portal.signed_in(persona);
        let page = browser.get(&page_of(&licence, ""));
        assert!(!page.html().has_button("Cancel licence"), "{persona:?}");
        for below in ["/cancel", "/resume"] {
            assert_eq!(browser.post(&page_of(&licence, below), &[]).status, 403, "{persona:?}");
        }
    }
    assert_eq!(portal.licence_row(&licence).cancelled_at, None);
}
