//! The orders of the list, and its pages in both directions.

use portico::access::Role;
use portico::db::DbError;
use portico::ids::OrganizationId;
use portico::people::listing::{self, Listed, Place, Range, Sort, Status};
use portico::people::members;
use rstest::rstest;
use rstest_reuse::apply;
use strum::VariantArray;

use super::join;
use crate::support::{Persona, Portal, change_role, invite, on_both};

/// What is read of the list.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted<'a> {
    sort: Sort,
    descending: bool,
    search: &'a str,
    role: Option<Role>,
    status: Option<Status>,
}

impl Portal {
    fn list(&self, organization: &OrganizationId, wanted: Wanted<'_>, from: Place<'_>, limit: usize) -> Vec<Listed> {
        let Wanted { sort, descending, search, role, status } = wanted;
        let now = self.app.now();
        let range = Range { organization, search, role, status, sort, descending, from, limit, now };
        self.app.db.read::<_, DbError>(|connection| listing::read(connection, &range)).expect("the list is read")
    }

    fn emails(&self, wanted: Wanted<'_>) -> Vec<String> {
        let all = self.list(&self.organization_id(), wanted, Place::Start, 1_000);
        all.into_iter().map(|entry| entry.email).collect()
    }
}

/// Everybody joined, and was there, at another moment: the personas, four members and three invitations, of which one has expired.
fn company(portal: &Portal) {
    portal.later(chrono::Duration::hours(1));
    invite(&portal.signed_in(Persona::Owner), "late@example.net", Role::Manager);
    portal.later(chrono::Duration::days(16));
    for (number, (email, role)) in
        [("zed", Role::Member), ("abe", Role::Reader), ("mia", Role::Owner), ("kim", Role::Reader)].iter().enumerate()
    {
        portal.later(chrono::Duration::hours(20));
        join(portal, &[(format!("{email}@example.org"), (*email).to_owned(), format!("N{number}"))], *role);
    }
    portal.later(chrono::Duration::hours(1));
    let owner = portal.signed_in(Persona::Owner);
    invite(&owner, "abba@example.net, reader\nzoe@example.net, owner", Role::Member);
    portal.later(chrono::Duration::days(1));
    portal.signed_in(Persona::Reader).get("/organizations/acme");
}

#[apply(on_both)]
fn the_list_is_ordered_by_name_role_joining_and_last_activity(#[case] portal: &Portal) {
    company(portal);
    let by_name = portal.emails(Wanted::default());
    let expected = "abba@example.net abe@example.org edith@example.com kim@example.org late@example.net \
        manuel@example.com mia@example.org milo@example.com olga@example.com rita@example.com zed@example.org zoe@example.net";
    assert_eq!(by_name.join(" "), expected);
    let by_role = portal.emails(Wanted { sort: Sort::Role, ..Wanted::default() });
    let expected = "mia@example.org olga@example.com zoe@example.net late@example.net manuel@example.com edith@example.com \
        abba@example.net abe@example.org kim@example.org rita@example.com milo@example.com zed@example.org";
    assert_eq!(by_role.join(" "), expected);
    let by_joining = portal.emails(Wanted { sort: Sort::Joined, ..Wanted::default() });
    let expected = "late@example.net zed@example.org abe@example.org mia@example.org kim@example.org abba@example.net zoe@example.net";
    assert_eq!(by_joining[5..].join(" "), expected);
    let by_activity = portal.emails(Wanted { sort: Sort::LastActive, descending: true, ..Wanted::default() });
    assert_eq!(by_activity[..2].join(" "), "rita@example.com olga@example.com");
    for sort in Sort::VARIANTS {
        let mut ascending = portal.emails(Wanted { sort: *sort, ..Wanted::default() });
        ascending.reverse();
        assert_eq!(portal.emails(Wanted { sort: *sort, descending: true, ..Wanted::default() }), ascending, "{sort:?}");
    }
}

#[apply(on_both)]
fn a_place_in_an_order_moves_with_what_it_is_ordered_by(#[case] portal: &Portal) {
    company(portal);
    let owner = portal.signed_in(Persona::Owner);
    change_role(&owner, &portal.membership(Persona::Member), Role::Member, Role::Manager);
    let managers = portal.emails(Wanted { sort: Sort::Role, ..Wanted::default() });
    assert_eq!(managers[3..6].join(" "), "late@example.net manuel@example.com milo@example.com");
    // Sent again, an invitation is as new as the last mail.
    let id = portal.invitation_id("late@example.net").expect("it is open");
    assert_eq!(owner.post(&format!("/organizations/acme/people/{id}/resend"), &[]).status, 303);
    let by_joining = portal.emails(Wanted { sort: Sort::Joined, descending: true, ..Wanted::default() });
    assert_eq!(by_joining[0], "late@example.net");
}

#[apply(on_both)]
fn every_order_has_the_same_pages_forwards_and_backwards(#[case] portal: &Portal) {
    company(portal);
    let organization = portal.organization_id();
    let mut wanted = Vec::new();
    for (search, role, status) in [
        ("", None, None),
        ("", Some(Role::Reader), None),
        ("", None, Some(Status::Active)),
        ("", None, Some(Status::Pending)),
        ("", Some(Role::Manager), Some(Status::Expired)),
        ("example", None, None),
        ("n example", None, None),
    ] {
        for sort in Sort::VARIANTS {
            for descending in [false, true] {
                wanted.push(Wanted { sort: *sort, descending, search, role, status });
            }
        }
    }
    for wanted in wanted {
        let all: Vec<String> =
            portal.list(&organization, wanted, Place::Start, 100).into_iter().map(|entry| entry.key).collect();
        assert!(!all.is_empty(), "{wanted:?}");
        let keys = |from: Place<'_>| -> Vec<String> {
            portal.list(&organization, wanted, from, 3).into_iter().map(|entry| entry.key).collect()
        };
        for at in 0..all.len() {
            let end = all.len().min(at + 4);
            assert_eq!(keys(Place::After(&all[at])), all[at + 1..end], "{wanted:?}");
            assert_eq!(keys(Place::Before(&all[at])), all[at.saturating_sub(3)..at], "{wanted:?}");
        }
        // A link of another order shows the beginning.
        assert_eq!(keys(Place::After("\u{7f}nowhere")), all[..all.len().min(3)]);
    }
}

#[apply(on_both)]
fn who_opens_an_organization_was_last_active_there_on_that_day_and_nowhere_else(#[case] portal: &Portal) {
    let elsewhere = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    let rita = portal.scope(Persona::Reader).person().user_id.clone();
    portal
        .app
        .write_now::<_, DbError>(|tx| members::join(tx, elsewhere.organization_id(), &rita, Role::Reader, ""))
        .expect("she joins");
    let last_active = |organization: &OrganizationId| {
        let all = portal.list(organization, Wanted::default(), Place::Start, 100);
        all.into_iter().find(|entry| entry.email == "rita@example.com").expect("she is there").last_active
    };
    let acme = portal.organization_id();
    let browser = portal.signed_in(Persona::Reader);
    browser.get("/home");
    assert_eq!((last_active(&acme), last_active(elsewhere.organization_id())), (None, None));
    assert_eq!(browser.get("/organizations/acme").status, 200);
    let today = portal.app.now().day();
    assert_eq!((last_active(&acme), last_active(elsewhere.organization_id())), (Some(today), None));
    portal.later(chrono::Duration::days(1));
    assert_eq!(browser.get("/organizations/elsewhere").status, 200);
    let tomorrow = portal.app.now().day();
    assert_eq!((last_active(&acme), last_active(elsewhere.organization_id())), (Some(today), Some(tomorrow)));
}
