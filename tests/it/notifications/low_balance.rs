//! A low balance is told on the edge alone.

use portico::credits::low_balance;
use portico::db::DbError;
use portico::notifications::kinds::Kinds;
use rstest::rstest;
use rstest_reuse::apply;

use super::{BOOKS, subjects};
use crate::credits::{Given, spend_in};
use crate::support::{Persona, Portal, all_at_once, on_both, outbox};

/// How many times the Owner was told, once the background has done its work.
fn told(portal: &Portal) -> usize {
    outbox::run_due_jobs(portal);
    subjects(portal, &Persona::Owner.email()).iter().filter(|subject| subject.contains("credits left")).count()
}

fn top_up(portal: &Portal, verb: fn(&mut portico::db::WriteTx, &portico::ids::OrganizationId) -> Result<(), DbError>) {
    let organization = portal.organization_id();
    portal.app.write_now::<_, DbError>(|tx| verb(tx, &organization)).expect("it is noted");
}

#[apply(on_both)]
fn it_is_told_once_when_the_balance_falls_below_and_again_when_it_was_above(#[case] portal: &Portal) {
    portal.call_low(Some(100));
    portal.grant(Given::new(150, "first"));
    portal.spend(50, "to-the-edge");
    assert_eq!(told(portal), 0, "a hundred are not fewer than a hundred");
    portal.spend(1, "over-it");
    assert_eq!(told(portal), 1);
    portal.spend(40, "further");
    portal.spend(40, "down");
    assert_eq!(told(portal), 1, "once");
    portal.grant(Given::new(50, "too-little"));
    portal.spend(10, "below-all-the-time");
    assert_eq!(told(portal), 1, "it was not above in between");
    portal.grant(Given::new(500, "much"));
    assert_eq!(told(portal), 1);
    portal.spend(480, "again");
    assert_eq!(told(portal), 2);
    assert!(subjects(portal, &Persona::Owner.email())[1].starts_with("Acme has 79 credits left"));
    portal.assert_ledgers_agree();
}

#[apply(on_both)]
fn what_ends_and_what_comes_back_crosses_the_edge_like_what_is_spent(#[case] portal: &Portal) {
    portal.grant(Given::new(90, "stays"));
    portal.grant(Given::new(60, "ends").until("2026-11-24T00:00:00Z"));
    portal.call_low(Some(100));
    assert_eq!(told(portal), 0);
    portal.later(chrono::Duration::days(1));
    assert_eq!(told(portal), 1, "the job that takes out what ended, and the one that tells");
    portal.grant(Given::new(20, "more"));
    portal.spend(15, "job");
    portal.reverse("job");
    assert_eq!(told(portal), 1, "below and above again before anybody was told");
}

#[apply(on_both)]
fn who_says_what_is_low_is_not_told_what_they_see(#[case] portal: &Portal) {
    portal.grant(Given::new(90, "few"));
    portal.call_low(Some(100));
    portal.spend(10, "job");
    assert_eq!(told(portal), 0);
    portal.call_low(Some(50));
    portal.spend(40, "edge");
    assert_eq!(told(portal), 1);
    portal.grant(Given::new(100, "above"));
    portal.call_low(None);
    portal.spend(130, "all");
    assert_eq!(told(portal), 1, "nobody wants to hear of it any more");
}

#[apply(on_both)]
fn fifty_spends_that_cross_the_edge_at_once_are_told_once(#[case] portal: &Portal) {
    portal.add_confirmed(BOOKS, Kinds { low_credits: true, ..Kinds::NONE });
    portal.call_low(Some(75));
    portal.grant(Given::new(100, "first"));
    let organization = portal.organization_id();
    all_at_once(50, |number| {
        loop {
            match portal.app.write_now(|tx| spend_in(tx, &organization, 1, &format!("job-{number}"))) {
                Ok(_) => break,
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
        }
    });
    assert_eq!((portal.balance(), told(portal)), (50, 1));
    assert_eq!(subjects(portal, BOOKS).len(), 2, "the one that asked, and this");
}

#[apply(on_both)]
fn two_processes_tell_it_once(#[case] portal: &Portal) {
    portal.call_low(Some(75));
    portal.grant(Given::new(100, "first"));
    portal.spend(50, "job");
    let organization = portal.organization_id();
    let tell = || {
        portal
            .app
            .write_now::<_, DbError>(|tx| portico::notifications::low_credits::tell_of_low_balance(tx, &organization))
            .expect("they are told")
    };
    let (one, other) = crate::support::at_once(tell, tell);
    assert_eq!((one + other, told(portal)), (1, 1));
}

#[apply(on_both)]
fn nothing_is_told_while_a_top_up_is_pending(#[case] portal: &Portal) {
    portal.call_low(Some(100));
    portal.grant(Given::new(150, "first"));
    portal.spend(60, "edge");
    top_up(portal, low_balance::top_up_began);
    assert_eq!(told(portal), 0);
    portal.grant(Given::new(100, "top-up"));
    top_up(portal, low_balance::top_up_ended);
    assert_eq!(told(portal), 0, "it was above before anybody heard of it");
    // And now one that brings nothing.
    top_up(portal, low_balance::top_up_began);
    portal.spend(100, "edge-again");
    assert_eq!(told(portal), 0);
    top_up(portal, low_balance::top_up_ended);
    assert_eq!(told(portal), 1);
    top_up(portal, low_balance::top_up_ended);
    assert_eq!(told(portal), 1);
}

#[apply(on_both)]
fn a_top_up_that_never_ends_is_waited_for_a_day(#[case] portal: &Portal) {
    portal.call_low(Some(100));
    portal.grant(Given::new(250, "first"));
    top_up(portal, low_balance::top_up_began);
    portal.spend(160, "edge");
    assert_eq!(told(portal), 0);
    portal.grant(Given::new(100, "more"));
    portal.later(chrono::Duration::days(1));
    portal.spend(100, "edge-again");
    assert_eq!(told(portal), 1);
}
