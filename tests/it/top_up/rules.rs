//! When credits are bought by themselves, and when not.

use chrono::Duration;
use portico::credits::entry::Source;
use portico::orders::top_up::choose::{SwitchOff, SwitchOn};
use portico::orders::top_up::overview::NotOffered;
use portico::orders::top_up::settings::{Held, Stopped};
use rstest::rstest;
use rstest_reuse::apply;

use super::{ONE, assert_money_agrees, choice, desk, switched_on};
use crate::catalogue::{file_with, import_text};
use crate::credits::Given;
use crate::renewals::Desk;
use crate::support::{Portal, on_both, till::Say};

#[apply(on_both)]
fn a_spend_that_reaches_the_threshold_is_followed_by_one_package(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    portal.spend(99, "job-1");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (51, 0), "one more than the threshold");
    portal.spend(1, "job-2");
    portal.spend(1, "job-3");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (149, 1), "one for both");
    let row = portal.ledger().pop().expect("a row");
    assert_eq!((row.source, row.amount, row.actor_name.as_str()), (Some(Source::Purchase), 100, "Portico"));
    assert_eq!((portal.top_ups(), portal.paid_top_ups()), (vec![Some("paid")], vec![ONE]));
    portal.spend(120, "job-4");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (129, 2), "it waits for the threshold again");
    assert_money_agrees(&desk);
}

/// A package that is too small for what was spent is bought again, one after the other.
#[apply(on_both)]
fn packages_are_bought_one_after_the_other_until_there_is_more_than_the_threshold(#[case] portal: &Portal) {
    let desk = desk(portal);
    assert_eq!(portal.switch_on(&choice(140, 10 * ONE)), SwitchOn::On { has_begun: false });
    portal.spend(150, "job-1");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (200, 2));
    assert_money_agrees(&desk);
}

#[apply(on_both)]
fn who_switches_it_on_with_few_left_gets_the_first_one_at_once(#[case] portal: &Portal) {
    let desk = desk(portal);
    assert_eq!(portal.switch_on(&choice(150, 10 * ONE)), SwitchOn::On { has_begun: true });
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (250, 1));
}

#[apply(on_both)]
fn what_is_granted_or_taken_back_buys_nothing(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    portal.reverse("welcome");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (0, 0), "only what is spent is followed by a purchase");
    portal.grant(Given::new(10, "small"));
    desk.work();
    assert_eq!(desk.till.asked(), 0);
    portal.spend(1, "job-1");
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked()), (109, 1));
}

#[apply(on_both)]
fn off_is_off(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    portal.spend(100, "job-1");
    assert_eq!(portal.switch_off(), SwitchOff::Off { is_pending: false });
    desk.work();
    portal.spend(1, "job-2");
    desk.work();
    assert_eq!((desk.till.asked(), portal.balance()), (0, 49));
    assert_eq!(portal.switch_off(), SwitchOff::Already);
    assert_eq!(portal.switch_on(&choice(50, 10 * ONE)), SwitchOn::On { has_begun: true });
    desk.work();
    assert_eq!((desk.till.asked(), portal.balance()), (1, 149));
}

#[apply(on_both)]
fn it_is_offered_from_the_first_purchase_on_where_there_is_something_to_charge(#[case] portal: &Portal) {
    let _desk = Desk::new(portal);
    assert_eq!(portal.switch_on(&choice(50, ONE)), SwitchOn::NotOffered(NotOffered::NothingBought));
    portal.buy_once();
    portal.forget_method();
    assert_eq!(portal.switch_on(&choice(50, ONE)), SwitchOn::NotOffered(NotOffered::NoMethod));
    portal.keep_method("card-1");
    assert!(matches!(portal.switch_on(&choice(50, ONE - 1)), SwitchOn::CapTooLow { one } if one.minor == ONE));
    assert_eq!(portal.switch_on(&choice(50, ONE)), SwitchOn::On { has_begun: true });
    assert_eq!(portal.switch_on(&choice(50, ONE)), SwitchOn::Unchanged);
}

/// Two fit into the cap, and not a third: what would be the third comes with the next month, and nobody is mailed.
#[apply(on_both)]
fn no_more_than_the_cap_is_charged_in_a_month(#[case] portal: &Portal) {
    let desk = desk(portal);
    portal.switch_on(&choice(50, 3 * ONE - 1));
    for number in 0..3 {
        portal.spend(portal.balance() - 10, &format!("job-{number}"));
        desk.work();
    }
    assert_eq!((portal.balance(), portal.paid_top_ups().len()), (10, 2));
    let settings = portal.top_up_settings();
    assert_eq!((settings.held, settings.is_on()), (Some(Held::Cap), true));
    portal.spend(5, "more");
    desk.go_to("2026-11-30T23:59:00Z");
    desk.work();
    assert_eq!(portal.paid_top_ups().len(), 2, "the month is not over");
    desk.pass(2, Duration::minutes(1));
    assert_eq!((portal.balance(), portal.paid_top_ups().len()), (105, 3));
    assert_eq!(portal.top_up_settings().held, None);
    assert_money_agrees(&desk);
}

#[apply(on_both)]
fn a_package_that_is_not_sold_any_more_switches_it_off(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    let other = file_with(&[
        ("credit_packages.credits-100", "credit_packages.credits-120"),
        ("credits = 100\nprice = { CHF = 99", "credits = 120\nprice = { CHF = 99"),
    ]);
    import_text(portal, &other).expect("no faults");
    portal.spend(120, "job-1");
    desk.work();
    let settings = portal.top_up_settings();
    assert_eq!((settings.is_on(), settings.stopped, desk.till.asked()), (false, Some(Stopped::NotSold), 0));
    let mail = portal.mails_to("olga@example.com").pop().expect("the Owner is told");
    assert!(mail.text.contains("not sold any more"), "{}", mail.text);
    assert!(portal.actions().iter().any(|action| action == "credits.top_up.off"));
}

/// The price is that of the moment, and the cap holds for it.
#[apply(on_both)]
fn the_package_is_bought_as_the_catalogue_has_it_then(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    import_text(portal, &file_with(&[("CHF = 99.00", "CHF = 120.00")])).expect("no faults");
    portal.spend(120, "job-1");
    desk.work();
    assert_eq!(portal.paid_top_ups(), [12_972]);
}

#[apply(on_both)]
fn a_method_that_was_removed_switches_it_off(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    portal.forget_method();
    portal.spend(120, "job-1");
    desk.work();
    let settings = portal.top_up_settings();
    assert_eq!((settings.is_on(), settings.stopped, desk.till.asked()), (false, Some(Stopped::NoMethod), 0));
}

#[apply(on_both)]
fn a_pending_one_keeps_others_from_beginning(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    desk.till.says(&[Say::Later]);
    portal.spend(120, "job-1");
    desk.work();
    assert_eq!(portal.top_ups(), [None]);
    for number in 2..10 {
        portal.spend(1, &format!("job-{number}"));
        desk.pass(1, Duration::minutes(20));
    }
    assert_eq!((portal.top_ups(), portal.balance()), (vec![None], 22));
    desk.till.decide(crate::support::till::paid);
    desk.pass(1, Duration::minutes(20));
    assert_eq!((portal.top_ups(), portal.balance()), (vec![Some("paid")], 122));
    assert_money_agrees(&desk);
}
