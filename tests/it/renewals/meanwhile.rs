//! What happens to a licence between the tries, and to an answer that is late or lost.

use chrono::Duration;
use portico::audit::By;
use portico::db::DbError;
use portico::licences::cancellation::{self, Cancel, Resume};
use portico::licences::renewal::{Renew, renew};
use portico::licences::suspension;
use portico::licences::terms::Term;
use portico::orders::renewals::renewal::Ending;
use portico::payments::provider::Charge;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, sold};
use crate::support::till::Say;
use crate::support::{Persona, Portal, on_both, till};

/// A licence whose first try was declined, on 23 February 2028.
fn declined_once(portal: &Portal) -> (Desk<'_>, portico::ids::LicenceId) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::Decline("insufficient funds")]);
    desk.go_to("2028-02-23T00:00:00Z");
    desk.work();
    assert_eq!(outcomes(&desk, &licence), ["declined"]);
    (desk, licence)
}

fn outcomes(desk: &Desk<'_>, licence: &portico::ids::LicenceId) -> Vec<String> {
    desk.tries(licence).into_iter().map(|(_, outcome)| outcome).collect()
}

fn days(desk: &Desk<'_>, days: usize) {
    desk.pass(days * 24, Duration::hours(1));
}

#[apply(on_both)]
fn what_is_cancelled_between_the_tries_is_not_charged_and_what_is_resumed_is(#[case] portal: &Portal) {
    let (desk, licence) = declined_once(portal);
    let owner = portal.scope(Persona::Owner);
    let cancel = portal.app.write_now::<_, DbError>(|tx| cancellation::cancel(tx, &owner, &licence)).unwrap();
    assert!(matches!(cancel, Cancel::Cancelled { .. }));
    days(&desk, 2);
    assert_eq!((outcomes(&desk, &licence), desk.till.asked()), (vec!["declined".to_owned()], 1));
    assert_eq!(desk.renewals(&licence)[0].outcome, Some(Ending::Stopped));
    let resumed = portal.app.write_now::<_, DbError>(|tx| cancellation::resume(tx, &owner, &licence)).unwrap();
    assert_eq!(resumed, Resume::Resumed);
    days(&desk, 1);
    assert_eq!(outcomes(&desk, &licence), ["declined", "paid"]);
    assert_eq!((desk.end_of(&licence).as_str(), desk.renewals(&licence).len()), ("2028-04-01 00:00", 1));
    desk.assert_money_agrees();
}

#[apply(on_both)]
fn what_is_suspended_is_not_charged(#[case] portal: &Portal) {
    let (desk, licence) = declined_once(portal);
    let operator = portal.operator();
    portal.app.write_now::<_, DbError>(|tx| suspension::suspend(tx, &operator, &licence)).unwrap();
    days(&desk, 20);
    assert_eq!((outcomes(&desk, &licence), desk.till.asked()), (vec!["declined".to_owned()], 1));
}

#[apply(on_both)]
fn what_was_renewed_by_hand_meanwhile_is_not_charged_again(#[case] portal: &Portal) {
    let (desk, licence) = declined_once(portal);
    let owner = portal.scope(Persona::Owner);
    let renewed = portal
        .app
        .write_now::<_, DbError>(|tx| renew(tx, By::member(&owner), owner.organization_id(), &licence))
        .unwrap();
    assert!(matches!(renewed, Renew::Renewed { .. }));
    days(&desk, 10);
    assert_eq!((outcomes(&desk, &licence), desk.till.asked()), (vec!["declined".to_owned()], 1));
    assert_eq!(desk.renewals(&licence)[0].outcome, Some(Ending::Stopped));
    assert_eq!(desk.end_of(&licence), "2028-04-01 00:00");
    // The term after that is renewed as any other.
    desk.go_to("2028-03-25T00:00:00Z");
    days(&desk, 1);
    assert_eq!(outcomes(&desk, &licence), ["declined", "paid"]);
}

#[apply(on_both)]
fn a_method_that_was_removed_between_the_tries_is_not_charged(#[case] portal: &Portal) {
    let (desk, licence) = declined_once(portal);
    portal.forget_method();
    days(&desk, 8);
    assert_eq!(outcomes(&desk, &licence), ["declined", "no_method", "no_method", "no_method"]);
    assert_eq!(desk.till.asked(), 1);
}

/// The bank charges, and its answer never arrives: whoever comes back asks for the same, and not for more.
#[apply(on_both)]
fn an_answer_that_was_lost_is_asked_for_again_and_nothing_is_charged_twice(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::PayAndAway]);
    // The method is another one by then: the same charge is asked for as before.
    desk.go_to("2028-02-23T00:00:00Z");
    desk.work();
    assert_eq!((outcomes(&desk, &licence), desk.till.paid().len()), (vec!["open".to_owned()], 1));
    portal.keep_method("card-2");
    desk.pass(2, Duration::minutes(10));
    assert_eq!((outcomes(&desk, &licence), desk.till.paid().len()), (vec!["paid".to_owned()], 1));
    assert_eq!(desk.end_of(&licence), "2028-04-01 00:00");
    desk.assert_money_agrees();
}

/// Nobody knows whether it was charged, and it is not wanted any more: then the bank is asked what it did, and not to do it.
#[apply(on_both)]
fn what_is_cancelled_while_the_provider_is_away_is_looked_at_and_not_charged(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::Away]);
    desk.go_to("2028-02-23T00:00:00Z");
    desk.work();
    let owner = portal.scope(Persona::Owner);
    portal.app.write_now::<_, DbError>(|tx| cancellation::cancel(tx, &owner, &licence)).unwrap();
    days(&desk, 10);
    assert_eq!((outcomes(&desk, &licence), desk.till.asked()), (vec!["stopped".to_owned()], 1));
    assert_eq!((desk.till.paid().len(), desk.orders("pending").len(), desk.orders("paid").len()), (0, 0, 0));
}

#[apply(on_both)]
fn what_the_provider_says_later_is_looked_at_until_it_says_so(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::Later]);
    desk.go_to("2028-02-23T00:00:00Z");
    desk.work();
    days(&desk, 2);
    assert_eq!(
        (outcomes(&desk, &licence), desk.end_of(&licence).as_str()),
        (vec!["open".to_owned()], "2028-03-01 00:00")
    );
    desk.till.decide(till::paid);
    desk.pass(1, Duration::hours(1));
    assert_eq!(
        (outcomes(&desk, &licence), desk.end_of(&licence).as_str()),
        (vec!["paid".to_owned()], "2028-04-01 00:00")
    );
    desk.assert_money_agrees();
}

#[apply(on_both)]
fn what_the_provider_declines_later_is_tried_again_as_planned(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::Later]);
    desk.go_to("2028-02-23T00:00:00Z");
    desk.work();
    desk.till.decide(|_, _| Charge::Declined { reason: "blocked".to_owned() });
    days(&desk, 3);
    assert_eq!(outcomes(&desk, &licence), ["declined", "paid"]);
    desk.assert_money_agrees();
}
