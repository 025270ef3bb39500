//! What is given, and another term for it.

use chrono::Duration;
use portico::audit::By;
use portico::db::DbError;
use portico::ids::OrganizationId;
use portico::licences::renewal::{Renew, renew};
use portico::licences::terms::Term;
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, given, on_both};

fn renewed(portal: &Portal, licence: &portico::ids::LicenceId) -> Renew {
    let owner = portal.scope(Persona::Owner);
    portal
        .app
        .write_now::<_, DbError>(|tx| renew(tx, By::member(&owner), owner.organization_id(), licence))
        .expect("the transaction ends")
}

#[apply(on_both)]
fn a_licence_is_a_copy_of_what_was_given_and_the_log_says_so(#[case] portal: &Portal) {
    let mut licence = None;
    let recorded = portal.recorded(|| licence = Some(portal.licence(Term::Yearly, 3)));
    let row = portal.licence_row(&licence.expect("a licence"));
    assert_eq!((row.product.as_str(), row.plan.as_str(), row.term, row.seats), ("Mapper", "Team", Term::Yearly, 3));
    assert_eq!(row.includes, "Desktop processing\nE-mail support");
    assert_eq!(row.starts_at, portal.app.now());
    assert_eq!(row.ends_at.map(|at| at.to_string()).as_deref(), Some("2027-11-24T00:00:00Z"));
    let [line] = recorded.as_slice() else { panic!("{recorded:?}") };
    assert_eq!((line.action.as_str(), line.subject_name.as_str()), ("licence.issued", "Mapper"));
    assert_eq!((line.actor_name.as_str(), line.actor_role.as_str()), ("Olga Tester", "owner"));
    assert_eq!(line.organization.as_deref(), Some(portal.organization_id().as_str()));
    assert_eq!(line.after, r#"{"ends_at":"2027-11-24T00:00:00Z","plan":"Team","seats":3,"term":"yearly"}"#);
}

/// A year of months, each renewed at another moment before its end, through a leap day.
#[apply(on_both)]
fn twelve_renewals_make_a_year_and_none_shortens(#[case] portal: &Portal) {
    // 31 January 2028.
    portal.later(Duration::days(434));
    let licence = portal.licence(Term::Monthly, 1);
    let mut ends = portal.licence_row(&licence).ends_at.expect("an end");
    let mut days = vec![ends.day().to_string()];
    for number in 0..11 {
        let until = ends - portal.app.now();
        portal.later(until - Duration::hours(1 + number * 50));
        let Renew::Renewed { ends_at } = renewed(portal, &licence) else { panic!("it is renewed") };
        assert!(ends_at > ends, "{ends_at} {ends}");
        ends = ends_at;
        days.push(ends.day().to_string());
    }
    // The first day after each term.
    let expected = [
        "2028-03-01",
        "2028-04-01",
        "2028-05-01",
        "2028-06-01",
        "2028-07-01",
        "2028-08-01",
        "2028-09-01",
        "2028-10-01",
        "2028-11-01",
        "2028-12-01",
        "2029-01-01",
        "2029-02-01",
    ];
    assert_eq!(days, expected);
}

#[apply(on_both)]
fn after_its_end_a_licence_is_renewed_from_now(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Monthly, 1);
    let ends = portal.licence_row(&licence).ends_at.expect("an end");
    portal.later(ends - portal.app.now() + Duration::days(40));
    let Renew::Renewed { ends_at } = renewed(portal, &licence) else { panic!("it is renewed") };
    assert_eq!(ends_at, Term::Monthly.end(portal.app.now()).expect("an end"));
    assert_eq!(portal.licence_row(&licence).ends_at, Some(ends_at));
}

#[apply(on_both)]
fn two_renewals_at_once_add_two_terms(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let owner = portal.scope(Persona::Owner);
    let once = |tx: &mut portico::db::WriteTx| renew(tx, By::member(&owner), owner.organization_id(), &licence);
    portal.overlapping(once, once);
    let ends = portal.licence_row(&licence).ends_at.expect("an end");
    assert_eq!(ends.to_string(), "2029-11-24T00:00:00Z", "the second one goes on from the first");
}

#[apply(on_both)]
fn what_has_no_next_term_is_not_renewed(#[case] portal: &Portal) {
    for term in [Term::Perpetual, Term::Trial] {
        assert_eq!(renewed(portal, &portal.licence(term, 1)), Renew::NotRenewing);
    }
    let elsewhere = OrganizationId::new(Timestamp::from(chrono::DateTime::UNIX_EPOCH));
    let licence = portal.licence_of(&given(Term::Yearly, 1));
    let owner = portal.scope(Persona::Owner);
    let outcome = portal.app.write_now::<_, DbError>(|tx| renew(tx, By::member(&owner), &elsewhere, &licence));
    assert_eq!(outcome.expect("the transaction ends"), Renew::Gone);
}
