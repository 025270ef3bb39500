//! The ends of licences are told: each threshold once, the nearest where it is late, all of an Organization in one mail.

use chrono::Duration;
use diesel::prelude::*;
use portico::audit::By;
use portico::background;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::issue::{Given, issue};
use portico::licences::renewal::renew;
use portico::licences::terms::Term;
use portico::licences::{cancellation, suspension};
use portico::notifications::kinds::{Kinds, Occasion};
use portico::schema::licence_notices;
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, logged, subjects};
use crate::support::places::ELSEWHERE;
use crate::support::{Persona, Portal, at_once, given, on_both, outbox};

/// Which thresholds were told of a licence, in the order in which they were.
fn thresholds(portal: &Portal, licence: &LicenceId) -> Vec<i32> {
    portal.query(|connection| {
        licence_notices::table
            .filter(licence_notices::licence_id.eq(licence))
            .order(licence_notices::id)
            .select(licence_notices::threshold)
            .load(connection)
    })
}

/// The days go by, and the background works on each.
fn days_go_by(portal: &Portal, days: i64) {
    for _ in 0..days {
        portal.later(Duration::days(1));
        outbox::run_due_jobs(portal);
    }
}

fn told(portal: &Portal) -> Vec<String> {
    subjects(portal, &Persona::Owner.email())
}

#[apply(on_both)]
fn a_yearly_licence_is_told_of_four_times_and_shorter_ones_three_times(#[case] portal: &Portal) {
    outbox::run_due_jobs(portal);
    let (yearly, monthly, trial) =
        (portal.licence(Term::Yearly, 1), portal.licence(Term::Monthly, 1), portal.licence(Term::Trial, 1));
    portal.licence(Term::Perpetual, 1);
    days_go_by(portal, 60);
    assert_eq!(thresholds(portal, &trial), [7, 1, 0]);
    assert_eq!(thresholds(portal, &monthly), [7, 1, 0], "thirty days before would be as soon as a term begins");
    assert_eq!(thresholds(portal, &yearly), Vec::<i32>::new());
    assert_eq!((logged(portal, Occasion::Expiring), logged(portal, Occasion::Expired)), (4, 2), "a mail for each");
    days_go_by(portal, 340);
    assert_eq!(thresholds(portal, &yearly), [30, 7, 1, 0]);
}

#[apply(on_both)]
fn it_is_told_within_ten_minutes_of_the_moment(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds { expired: true, ..Kinds::NONE });
    let trial = portal.licence(Term::Trial, 1);
    let end = portal.licence_row(&trial).ends_at.expect("an end");
    portal.later(end - portal.app.now() - Duration::days(7) - Duration::microseconds(1));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &trial), Vec::<i32>::new());
    portal.later(Duration::minutes(10));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &trial), [7]);
    portal.later(Duration::days(7));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &trial), [7, 0], "the nearest alone");
    assert_eq!(subjects(portal, BOOKS)[1..], ["Mapper of Acme has ended"], "who chose that kind gets that one");
}

#[apply(on_both)]
fn a_job_that_was_down_tells_the_nearest_alone(#[case] portal: &Portal) {
    let licence = portal.licence(Term::Yearly, 1);
    let end = portal.licence_row(&licence).ends_at.expect("an end");
    portal.later(end - portal.app.now() - Duration::days(9));
    outbox::run_due_jobs(portal);
    portal.later(Duration::days(3));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &licence), [30, 7], "three days late, and a day late");
    portal.later(Duration::days(12));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &licence), [30, 7, 0], "of one day before nobody need hear any more");
    portal.later(Duration::days(1));
    outbox::run_due_jobs(portal);
    assert_eq!((thresholds(portal, &licence).len(), told(portal).len()), (3, 3));
}

#[apply(on_both)]
fn what_ended_long_ago_is_not_told_to_who_starts_with_this_version(#[case] portal: &Portal) {
    let trial = portal.licence(Term::Trial, 1);
    portal.later(Duration::days(60));
    outbox::run_due_jobs(portal);
    assert_eq!(thresholds(portal, &trial), Vec::<i32>::new());
}

#[apply(on_both)]
fn a_renewal_begins_anew_and_what_was_told_is_not_told_twice(#[case] portal: &Portal) {
    let (owner, monthly) = (portal.scope(Persona::Owner), portal.licence(Term::Monthly, 1));
    days_go_by(portal, 26);
    assert_eq!(thresholds(portal, &monthly), [7]);
    portal
        .app
        .write_now::<_, DbError>(|tx| renew(tx, By::member(&owner), owner.organization_id(), &monthly))
        .expect("it is renewed");
    days_go_by(portal, 20);
    assert_eq!(thresholds(portal, &monthly), [7], "the end is another one, and far");
    days_go_by(portal, 20);
    assert_eq!(thresholds(portal, &monthly), [7, 7, 1, 0]);
}

#[apply(on_both)]
fn cancelled_and_suspended_ones_are_not_told_and_resumed_ones_are(#[case] portal: &Portal) {
    outbox::run_due_jobs(portal);
    let owner = portal.scope(Persona::Owner);
    let [cancelled, suspended, resumed] = [0, 1, 2].map(|_| portal.licence(Term::Monthly, 1));
    let operator = portal.operator();
    portal
        .app
        .write_now::<_, DbError>(|tx| {
            cancellation::cancel(tx, &owner, &cancelled)?;
            cancellation::cancel(tx, &owner, &resumed)?;
            suspension::suspend(tx, &operator, &suspended).map(drop)
        })
        .expect("they are marked");
    days_go_by(portal, 26);
    portal.app.write_now::<_, DbError>(|tx| cancellation::resume(tx, &owner, &resumed)).expect("it is resumed");
    days_go_by(portal, 14);
    assert_eq!(thresholds(portal, &cancelled), Vec::<i32>::new());
    assert_eq!(thresholds(portal, &suspended), Vec::<i32>::new());
    assert_eq!(thresholds(portal, &resumed), [1, 0], "the next one that comes");
}

#[apply(on_both)]
fn what_an_organization_has_due_goes_into_one_mail(#[case] portal: &Portal) {
    for number in 0..23 {
        let product = format!("Mapper {number}");
        portal.licence_of(&Given { product, ..given(Term::Monthly, 1) });
    }
    let outsider = portal.scope_of(&Persona::Outsider.email(), ELSEWHERE);
    let theirs = given(Term::Monthly, 1);
    portal
        .app
        .write_now::<_, DbError>(|tx| issue(tx, By::member(&outsider), outsider.organization_id(), &theirs))
        .expect("it is issued");
    portal.later(Duration::days(24));
    outbox::run_due_jobs(portal);
    assert_eq!(told(portal), ["23 licences of Acme end soon"]);
    let mail = portal.mails_to(&Persona::Owner.email()).remove(0);
    assert_eq!(mail.text.matches("- Mapper").count(), 20, "{}", mail.text);
    assert!(mail.text.contains("- and 3 others"), "{}", mail.text);
    assert!(!mail.text.contains("\n\n\n"), "{}", mail.text);
    assert_eq!(subjects(portal, &Persona::Outsider.email()).len(), 1, "each Organization its own");
}

#[apply(on_both)]
fn two_processes_tell_each_end_once(#[case] portal: &Portal) {
    let licences: Vec<LicenceId> = (0..8).map(|_| portal.licence(Term::Monthly, 1)).collect();
    let second = portal.second_server();
    portal.later(Duration::days(24));
    at_once(
        || background::runner(&portal.app).run_due().expect("jobs are done"),
        || background::runner(&second.app).run_due().expect("jobs are done"),
    );
    assert!(licences.iter().all(|licence| thresholds(portal, licence) == [7]));
    assert_eq!(told(portal).len(), 1);
}

/// Also where both are at it at the same moment, which the queue of jobs would not let them.
#[apply(on_both)]
fn two_transactions_tell_each_end_once(#[case] portal: &Portal) {
    use portico::notifications::due::Span;
    use portico::notifications::ends::tell_of_ends;
    let licence = portal.licence(Term::Monthly, 1);
    portal.later(Duration::days(24));
    let (organization, until) = (portal.organization_id(), portal.app.now());
    let span = Span { since: until - Duration::days(2), until };
    let (one, other) = portal.overlapping(
        |tx| tell_of_ends(tx, &organization, span, Duration::days(14)),
        |tx| tell_of_ends(tx, &organization, span, Duration::days(14)),
    );
    assert_eq!((one, other), (1, 0));
    assert_eq!((thresholds(portal, &licence), told(portal).len()), (vec![7], 1));
}
