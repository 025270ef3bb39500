//! What becomes of an Organization that was closed and not restored.

use chrono::Duration;
use diesel::prelude::*;
use portico::access::Role;
use portico::licences::terms::Term;
use portico::schema::{
    activity, invitations, licence_seats, licences, memberships, orders, organizations, people_counts, people_terms,
};
use portico::time::Timestamp;
use rstest::rstest;
use rstest_reuse::apply;

use super::close;
use crate::support::{Persona, Portal, SLUG, invite, on_both, outbox::run_due_jobs};

/// How many rows of people the Organization has: members, terms and counts, invitations, seats.
fn of_people(portal: &Portal) -> Vec<i64> {
    let id = portal.organization_id();
    portal.query(|connection| {
        Ok(vec![
            memberships::table.filter(memberships::organization_id.eq(&id)).count().get_result(connection)?,
            people_terms::table.filter(people_terms::organization_id.eq(&id)).count().get_result(connection)?,
            people_counts::table.filter(people_counts::organization_id.eq(&id)).count().get_result(connection)?,
            invitations::table.filter(invitations::organization_id.eq(&id)).count().get_result(connection)?,
            licence_seats::table.filter(licence_seats::organization_id.eq(&id)).count().get_result(connection)?,
        ])
    })
}

#[apply(on_both)]
fn it_is_erased_after_the_grace_period_but_for_what_the_law_asks_for(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 5);
    portal.occupy(&licence, Persona::Editor);
    portal.buy_once();
    let owner = portal.signed_in(Persona::Owner);
    for number in 0..3 {
        invite(&owner, &format!("late{number}@example.com"), Role::Reader);
    }
    // More than a batch.
    for number in 0..210 {
        portal.add_person(&format!("person{number}@example.com"), Role::Member);
    }
    assert_eq!(close(&owner).status, 303);
    let before = of_people(portal);
    portal.later(Duration::days(30) - Duration::seconds(1));
    run_due_jobs(portal);
    assert_eq!(of_people(portal), before, "not yet");
    portal.later(Duration::hours(1));
    run_due_jobs(portal);
    assert_eq!(of_people(portal), [0; 5]);
    let row: (String, String, String, Option<Timestamp>) = portal.query(|connection| {
        let columns =
            (organizations::slug, organizations::legal_name, organizations::officer_name, organizations::erased_at);
        organizations::table.filter(organizations::slug.eq(SLUG)).select(columns).first(connection)
    });
    assert_eq!((row.0.as_str(), row.1.as_str(), row.2.as_str()), (SLUG, "", ""), "the address stays taken");
    assert!(row.3.is_some());
    let kept: [i64; 3] = portal.query(|connection| {
        Ok([
            orders::table.count().get_result(connection)?,
            licences::table.count().get_result(connection)?,
            activity::table.filter(activity::action.eq("organization.erased")).count().get_result(connection)?,
        ])
    });
    assert_eq!(kept, [1, 1, 1]);
    assert!(portal.signed_in(Persona::Owner).get("/home").status == 200, "accounts stay");
    // Nothing more to do.
    portal.later(Duration::hours(2));
    run_due_jobs(portal);
    let actions = portal.actions();
    assert_eq!(actions.iter().filter(|action| *action == "organization.erased").count(), 1);
}
