//! Several processes on one database: each renewal is charged by one of them.

use chrono::Duration;
use portico::ids::LicenceId;
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::{Desk, GRACE, charges, sold};
use crate::support::{Portal, at_once, on_both};

#[apply(on_both)]
fn two_processes_at_once_charge_each_licence_once(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    let second = portal.second_server();
    desk.go_to("2028-01-31T09:00:00Z");
    let licences: Vec<LicenceId> = (0..12).map(|_| portal.licence_of(&sold(Term::Monthly))).collect();
    desk.go_to("2028-02-23T00:00:00Z");
    at_once(
        || charges(&portal.app, &desk.till).run_due().expect("done"),
        || charges(&second.app, &desk.till).run_due().expect("done"),
    );
    desk.pass(3, Duration::minutes(10));
    assert_eq!((desk.till.paid().len(), desk.till.asked()), (12, 12));
    for licence in &licences {
        assert_eq!((desk.tries(licence).len(), desk.end_of(licence).as_str()), (1, "2028-04-01 00:00"));
    }
    desk.assert_money_agrees();
}

/// Both find the same licence at the same moment.
#[apply(on_both)]
fn a_licence_is_taken_up_once(#[case] portal: &Portal) {
    let desk = Desk::new(portal);
    desk.go_to("2028-01-31T09:00:00Z");
    let licence = portal.licence_of(&sold(Term::Monthly));
    desk.go_to("2028-02-23T00:00:00Z");
    let begin = |tx: &mut portico::db::WriteTx<'_>| portico::orders::renewals::due::begin(tx, &licence, GRACE);
    let taken = portal.overlapping(begin, begin);
    assert_eq!(taken, (true, false));
    desk.work();
    assert_eq!((desk.tries(&licence).len(), desk.till.asked()), (1, 1));
}
