//! Charges that fail: the tries that follow, who hears of them, and how it ends.

use chrono::Duration;
use portico::licences::automatic::Problem;
use portico::licences::status::Status;
use portico::licences::terms::Term;
use portico::orders::renewals::renewal::Ending;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, GRACE, sold};
use crate::support::{Persona, Portal, on_both, till::Say};

/// The subjects of mails about payments to the Owner.
fn mails(portal: &Portal) -> Vec<String> {
    let mails = portal.mails_to(&Persona::Owner.email()).into_iter().map(|mail| mail.text);
    mails.filter(|text| text.contains("The renewal of")).collect()
}

#[apply(on_both)]
fn declined_at_first_and_paid_at_the_third_try(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.says(&[Say::Decline("insufficient funds"), Say::Decline("insufficient funds")]);
    desk.pass(30 * 24, Duration::hours(1));
    let tries = desk.tries(&licence);
    let expected = [("2028-02-23 00:00", "declined"), ("2028-02-24 00:00", "declined"), ("2028-02-26 00:00", "paid")];
    assert_eq!(tries, expected.map(|(at, outcome)| (at.to_owned(), outcome.to_owned())));
    assert_eq!(desk.end_of(&licence), "2028-04-01 00:00", "from the old end on");
    let told = mails(portal);
    assert_eq!(told.len(), 2, "one for each that failed: {told:#?}");
    assert!(told[0].contains("insufficient funds") && told[0].contains("24 February 2028"), "{}", told[0]);
    assert_eq!(
        desk.renewals(&licence).iter().map(|one| (one.outcome, one.problem)).collect::<Vec<_>>(),
        [(Some(Ending::Paid), None)]
    );
    assert_eq!((desk.orders("paid").len(), desk.orders("pending").len()), (1, 0));
    desk.assert_money_agrees();
}

#[apply(on_both)]
fn declined_at_all_four_and_then_it_ends_and_is_kept_for_a_while(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.usually(Say::Decline("do not honour"));
    desk.pass(50 * 24, Duration::hours(1));
    let tries: Vec<String> = desk.tries(&licence).into_iter().map(|(at, outcome)| format!("{at} {outcome}")).collect();
    assert_eq!(
        tries,
        [
            "2028-02-23 00:00 declined",
            "2028-02-24 00:00 declined",
            "2028-02-26 00:00 declined",
            "2028-02-29 23:00 declined",
        ]
    );
    assert_eq!(desk.end_of(&licence), "2028-03-01 00:00");
    assert_eq!(portal.licence_row(&licence).status(super::at("2028-03-02T00:00:00Z"), GRACE), Status::InGrace);
    let renewal = desk.renewals(&licence).remove(0);
    assert_eq!((renewal.outcome, renewal.problem), (Some(Ending::GivenUp), Some(Problem::Declined)));
    let told = mails(portal);
    assert_eq!(told.len(), 4);
    assert!(told[3].contains("the last try"), "{}", told[3]);
    assert_eq!((desk.orders("paid").len(), desk.orders("pending").len()), (0, 0));
    desk.assert_money_agrees();
}

#[apply(on_both)]
fn with_nothing_to_charge_it_is_tried_as_often_and_a_method_that_comes_is_charged(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    portal.forget_method();
    desk.go_to("2028-02-22T23:00:00Z");
    desk.pass(30, Duration::hours(1));
    let tries = |desk: &Desk| desk.tries(&licence).into_iter().map(|(_, outcome)| outcome).collect::<Vec<_>>();
    assert_eq!((tries(&desk), desk.till.asked()), (vec!["no_method".to_owned(), "no_method".to_owned()], 0));
    let told = mails(portal);
    assert!(told.len() == 2 && told[0].contains("no payment method"), "{told:#?}");
    portal.keep_method("card-2");
    desk.pass(48, Duration::hours(1));
    assert_eq!(tries(&desk), ["no_method", "no_method", "paid"]);
    assert_eq!(desk.end_of(&licence), "2028-04-01 00:00");
}

#[apply(on_both)]
fn a_provider_that_is_away_for_three_days_is_asked_again_and_that_is_no_try(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.usually(Say::Away);
    desk.go_to("2028-02-22T23:59:00Z");
    desk.pass(72, Duration::hours(1));
    assert!(desk.till.asked() > 60, "it is asked again and again: {}", desk.till.asked());
    assert_eq!(desk.tries(&licence), [("2028-02-23 00:59".to_owned(), "open".to_owned())]);
    assert!(mails(portal).is_empty(), "nothing failed yet");
    desk.till.usually(Say::Pay);
    desk.pass(1, Duration::hours(1));
    assert_eq!(desk.tries(&licence), [("2028-02-23 00:59".to_owned(), "paid".to_owned())]);
    assert_eq!((desk.till.paid().len(), desk.end_of(&licence).as_str()), (1, "2028-04-01 00:00"));
    desk.assert_money_agrees();
}

/// The days of the plan are counted from the first answer.
#[apply(on_both)]
fn who_comes_back_and_declines_is_asked_again_as_planned(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.till.usually(Say::Away);
    desk.go_to("2028-02-23T00:00:00Z");
    desk.pass(12, Duration::hours(1));
    desk.till.usually(Say::Decline("insufficient funds"));
    desk.pass(8 * 24, Duration::hours(1));
    assert_eq!(desk.tries(&licence).len(), 4);
    assert_eq!(desk.tries(&licence)[1].0, "2028-02-24 13:00", "a day after the first answer");
}
