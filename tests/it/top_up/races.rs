//! Many spends, several processes, and one top-up at a time.

use portico::orders::top_up::choose::SwitchOn;
use rstest::rstest;
use rstest_reuse::apply;

use super::{ONE, assert_money_agrees, choice, desk, switched_on};
use crate::renewals::charges;
use crate::support::{Portal, all_at_once, at_once, on_both};

#[apply(on_both)]
fn twenty_spends_at_once_are_followed_by_one(#[case] portal: &Portal) {
    let desk = switched_on(portal);
    portal.spend(90, "before");
    all_at_once(20, |number| portal.spend(1, &format!("job-{number}")));
    desk.work();
    assert_eq!((portal.balance(), desk.till.asked(), portal.top_ups().len()), (140, 1, 1));
    assert_money_agrees(&desk);
}

#[apply(on_both)]
fn two_processes_do_one_top_up(#[case] portal: &Portal) {
    let desk = desk(portal);
    let second = portal.second_server();
    // It begins at once, and once more by being set anew: there are two jobs.
    assert_eq!(portal.switch_on(&choice(150, 10 * ONE)), SwitchOn::On { has_begun: true });
    assert_eq!(portal.switch_on(&choice(160, 10 * ONE)), SwitchOn::On { has_begun: true });
    at_once(
        || charges(&portal.app, &desk.till).run_due().expect("done"),
        || charges(&second.app, &desk.till).run_due().expect("done"),
    );
    desk.work();
    assert_eq!((portal.balance(), desk.till.paid().len()), (250, 1));
    assert_money_agrees(&desk);
}
