//! Changes of one licence at the same moment: the second one sees what the first one did.

use portico::audit::By;
use portico::licences::changes::raise::Raise;
use portico::licences::changes::schedule::{self, Schedule};
use portico::licences::changes::state::Refusal;
use portico::licences::changes::upgrade::Upgrade;
use portico::licences::renewal::{self, Renew};
use portico::licences::seats::{self, Occupy};
use portico::licences::terms::Term;
use rstest::rstest;
use rstest_reuse::apply;

use super::{raise_in, upgrade_in};
use crate::support::{Persona, Portal, copied_plan, on_both};

const PRICE: i64 = 129_000;

#[apply(on_both)]
fn of_two_changes_that_were_paid_for_the_same_state_one_is_made(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let (owner, state) = (portal.scope(Persona::Owner), portal.state_of(&licence));
    let outcomes = portal
        .overlapping(|tx| raise_in(tx, &owner, &licence, 3, &state), |tx| raise_in(tx, &owner, &licence, 1, &state));
    assert_eq!(outcomes, (Raise::Raised { seats: 5 }, Raise::Stale));
    assert_eq!((portal.licence_row(&licence).seats, portal.licence_row(&licence).quantity), (5, 5));
}

#[apply(on_both)]
fn an_upgrade_and_a_renewal_at_once_are_not_both_made_for_the_old_price(#[case] portal: &Portal) {
    let plus = copied_plan("Plus", Term::Yearly, 1, 199_000);
    let owner = portal.scope(Persona::Owner);
    let renew = |tx: &mut portico::db::WriteTx, licence: &portico::ids::LicenceId| {
        let scope = owner.lock(tx)?.expect("an Owner");
        renewal::renew(tx, By::member(&scope), scope.organization_id(), licence)
    };
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let state = portal.state_of(&licence);
    let (renewed, upgraded) =
        portal.overlapping(|tx| renew(tx, &licence), |tx| upgrade_in(tx, &owner, &licence, &plus, &state));
    assert!(matches!(renewed, Renew::Renewed { .. }));
    assert_eq!(upgraded, Upgrade::Stale, "the coming term would have the better plan for nothing");
    assert_eq!(portal.licence_row(&licence).plan, "Team");
}

#[apply(on_both)]
fn a_reduction_and_the_last_seat_at_once_never_leave_too_few(#[case] portal: &Portal) {
    let (owner, editor) = (portal.scope(Persona::Owner), portal.scope(Persona::Editor));
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    portal.occupy(&licence, Persona::Owner);
    let (occupied, reduced) =
        portal.overlapping(|tx| seats::occupy(tx, &editor, &licence), |tx| schedule::reduce(tx, &owner, &licence, 1));
    assert_eq!((occupied, reduced), (Occupy::Occupied, Schedule::Refused(Refusal::InUse { seats: 1, used: 2 })));
    // The other way round the seat is paid until the end, and is given.
    let other = portal.bought(Term::Yearly, 2, PRICE);
    portal.occupy(&other, Persona::Owner);
    let (reduced, occupied) =
        portal.overlapping(|tx| schedule::reduce(tx, &owner, &other, 1), |tx| seats::occupy(tx, &editor, &other));
    assert!(matches!(reduced, Schedule::Scheduled { seats: 1, .. }));
    assert_eq!(occupied, Occupy::Occupied);
}

#[apply(on_both)]
fn two_reductions_at_once_leave_the_last_one(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    let owner = portal.scope(Persona::Owner);
    portal.overlapping(|tx| schedule::reduce(tx, &owner, &licence, 2), |tx| schedule::reduce(tx, &owner, &licence, 3));
    assert_eq!(portal.licence_row(&licence).next_quantity, Some(3));
}

#[apply(on_both)]
fn a_reduction_that_comes_before_the_money_for_more_stops_it(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    let (owner, state) = (portal.scope(Persona::Owner), portal.state_of(&licence));
    let (reduced, raised) = portal
        .overlapping(|tx| schedule::reduce(tx, &owner, &licence, 2), |tx| raise_in(tx, &owner, &licence, 1, &state));
    assert!(matches!(reduced, Schedule::Scheduled { .. }));
    assert_eq!(raised, Raise::Stale, "somebody decided otherwise meanwhile");
}
