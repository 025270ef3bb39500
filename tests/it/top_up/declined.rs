//! A bank that declines, and a provider that is away.

use chrono::Duration;
use portico::credits::low_balance;
use portico::db::DbError;
use portico::orders::top_up::settings::{Held, Stopped};
use rstest::rstest;
use rstest_reuse::apply;

use super::{assert_money_agrees, minutes, switched_on};
use crate::support::{Portal, on_both, till::Say};

#[apply(on_both)]
fn after_a_decline_it_waits_an_hour_whatever_is_spent(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    desk.till.says(&[Say::Decline("insufficient funds")]);
    portal.spend(100, "job-1");
    desk.work();
    assert_eq!((desk.till.asked(), portal.top_ups()), (1, vec![Some("declined")]));
    assert_eq!(portal.top_up_settings().held, Some(Held::Declined));
    for number in 2..12 {
        portal.spend(1, &format!("job-{number}"));
        minutes(&desk, 5);
    }
    assert_eq!(desk.till.asked(), 1);
    minutes(&desk, 10);
    assert_eq!((desk.till.asked(), portal.balance()), (2, 140));
    assert_eq!((portal.top_up_settings().declines, portal.top_up_settings().held), (0, None), "a payment clears it");
    assert_money_agrees(&desk);
}

#[apply(on_both)]
fn after_three_declines_in_a_row_it_is_off_and_the_owners_are_told(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    desk.till.usually(Say::Decline("do not honour"));
    portal.spend(100, "job-1");
    minutes(&desk, 5 * 60);
    let settings = portal.top_up_settings();
    assert_eq!((desk.till.asked(), settings.is_on(), settings.stopped), (3, false, Some(Stopped::Declined)));
    let told: Vec<String> = portal.mails_to("olga@example.com").into_iter().map(|mail| mail.text).collect();
    assert_eq!(told.iter().filter(|text| text.contains("three times in a row")).count(), 1, "{told:#?}");
    portal.spend(1, "job-2");
    minutes(&desk, 90);
    assert_eq!(desk.till.asked(), 3);
    assert_eq!((portal.top_ups(), portal.paid_top_ups()), (vec![Some("declined"); 3], vec![]));
}

#[apply(on_both)]
fn two_declines_and_a_payment_begin_to_count_anew(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    let no = Say::Decline("insufficient funds");
    desk.till.says(&[no, no, Say::Pay, no, no, Say::Pay]);
    for number in 0..2 {
        portal.spend(portal.balance() - 40, &format!("job-{number}"));
        minutes(&desk, 3 * 60);
    }
    assert!(portal.top_up_settings().is_on());
    assert_eq!((desk.till.asked(), portal.paid_top_ups().len()), (6, 2));
    assert_money_agrees(&desk);
}

/// The bank charges, and its answer never arrives: it is asked for the same again.
#[apply(on_both)]
fn an_answer_that_was_lost_is_asked_for_again(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    desk.till.says(&[Say::PayAndAway]);
    portal.spend(100, "job-1");
    desk.work();
    assert_eq!((portal.balance(), desk.till.paid().len(), portal.top_ups()), (50, 1, vec![None]));
    minutes(&desk, 2);
    assert_eq!((portal.balance(), desk.till.paid().len(), portal.top_ups()), (150, 1, vec![Some("paid")]));
    assert_money_agrees(&desk);
}

#[apply(on_both)]
fn a_provider_that_is_away_is_asked_again_and_that_is_no_decline(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    desk.till.usually(Say::Away);
    portal.spend(100, "job-1");
    desk.pass(72, Duration::hours(1));
    assert_eq!((portal.top_ups(), portal.top_up_settings().declines), (vec![None], 0));
    desk.till.usually(Say::Pay);
    desk.pass(1, Duration::hours(1));
    assert_eq!((portal.balance(), portal.paid_top_ups().len()), (150, 1));
}

/// Nobody is told that few are left while more are on their way; once that has failed, they are.
#[apply(on_both)]
fn a_low_balance_is_not_told_while_a_top_up_is_pending(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    let organization = portal.organization_id();
    portal.app.write_now::<_, DbError>(|tx| low_balance::set(tx, &organization, Some(60))).expect("it is set");
    let take = || portal.app.write_now::<_, DbError>(|tx| low_balance::take(tx, &organization)).expect("an answer");
    portal.spend(110, "job-1");
    assert_eq!(take(), None, "one has begun");
    desk.work();
    assert_eq!((take(), portal.balance()), (None, 140));
    desk.till.says(&[Say::Decline("insufficient funds")]);
    portal.spend(100, "job-2");
    assert_eq!(take(), None);
    desk.work();
    assert!(take().is_some_and(|low| low.balance == 40), "it was declined");
}
