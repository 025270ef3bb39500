//! Fewer seats and another plan, with the next term.

use chrono::Duration;
use portico::licences::changes::raise;
use portico::licences::changes::schedule::{Schedule, TakeBack, What};
use portico::licences::changes::state::Refusal;
use portico::licences::renewal::Renew;
use portico::licences::seats::Occupy;
use portico::licences::terms::Term;
use portico::money::{Currency, Money};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, copied_plan, on_both};

const PRICE: i64 = 129_000;

fn francs(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: Currency::Chf })
}

#[apply(on_both)]
fn fewer_seats_come_with_the_next_term_and_its_price(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    let ends_at = portal.licence_row(&licence).ends_at.expect("an end");
    let actions = portal.recorded_actions(|| {
        assert_eq!(portal.reduce(&licence, 2), Schedule::Scheduled { ends_at, seats: 2 });
    });
    assert_eq!(actions, ["licence.seats.reduction.scheduled"]);
    let row = portal.licence_row(&licence);
    assert_eq!((row.seats, row.next_term().quantity, row.next_term().unit_price), (5, 2, francs(PRICE)));
    for persona in [Persona::Editor, Persona::Manager, Persona::Owner] {
        assert_eq!(portal.occupy(&licence, persona), Occupy::Occupied, "what is paid can be used");
    }
    // Paid a week ahead, it begins after this one, and until then nothing changes.
    portal.later(ends_at - portal.app.now() - Duration::days(7));
    assert!(matches!(portal.renew(&licence), Renew::Renewed { .. }));
    let row = portal.licence_row(&licence);
    assert_eq!((row.seats, row.next_at), (5, Some(ends_at)));
    assert_eq!(portal.seats_of(&licence).len(), 3);
    assert_eq!(portal.reduce(&licence, 1), Schedule::Refused(Refusal::NextIsPaid { from: ends_at }));
    assert_eq!(raise::quote(&row, 1, portal.app.now()), Err(Refusal::NextIsPaid { from: ends_at }));
    let refused = TakeBack::Refused(Refusal::NextIsPaid { from: ends_at });
    assert_eq!(portal.take_back(&licence, What::Seats), refused);
    assert_eq!(portal.renew(&licence), Renew::NextIsPaid { from: ends_at });
    // Whoever tries to take a seat in the first moment of the term is told by the moment, before the job has come.
    portal.later(ends_at - portal.app.now());
    portal.give_access(&licence, "milo@example.com");
    assert_eq!(portal.occupy(&licence, Persona::Member), Occupy::Full { seats: 2 });
    let actions = portal.recorded_actions(|| portal.do_licence_changes());
    assert_eq!(actions, ["licence.seat.released", "licence.seats.changed"]);
    let row = portal.licence_row(&licence);
    assert_eq!((row.seats, row.quantity, row.next_quantity, row.next_at), (2, 2, None, None));
    assert_eq!(portal.seats_of(&licence), ["edith@example.com", "manuel@example.com"], "the last one lost it");
    assert!(portal.recorded_actions(|| portal.do_licence_changes()).is_empty(), "done again, it does nothing");
    assert!(matches!(portal.reduce(&licence, 1), Schedule::Refused(Refusal::InUse { .. })));
}

#[apply(on_both)]
fn reducing_below_the_seats_in_use_is_refused_with_both_numbers(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    for persona in [Persona::Editor, Persona::Manager, Persona::Owner] {
        portal.occupy(&licence, persona);
    }
    assert_eq!(portal.reduce(&licence, 2), Schedule::Refused(Refusal::InUse { seats: 2, used: 3 }));
    assert_eq!(portal.licence_row(&licence).next_quantity, None);
    assert!(matches!(portal.reduce(&licence, 3), Schedule::Scheduled { seats: 3, .. }));
    for quantity in [0, -1, 5, 6, i32::MAX] {
        assert_eq!(portal.reduce(&licence, quantity), Schedule::Refused(Refusal::TooMany), "{quantity}");
    }
    assert_eq!(portal.licence_row(&licence).next_quantity, Some(3));
}

#[apply(on_both)]
fn it_can_be_taken_back_until_that_term_is_paid(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 5, PRICE);
    portal.reduce(&licence, 3);
    portal.change_plan(&licence, &copied_plan("Light", Term::Yearly, 1, 99_000));
    let next = portal.licence_row(&licence).next_term();
    assert_eq!((next.quantity, next.plan.as_str(), next.unit_price), (3, "Light", francs(99_000)));
    let actions = portal.recorded_actions(|| {
        assert_eq!(portal.take_back(&licence, What::Seats), TakeBack::TakenBack);
        assert_eq!(portal.take_back(&licence, What::Seats), TakeBack::Nothing);
    });
    assert_eq!(actions, ["licence.change.taken.back"]);
    assert_eq!(portal.licence_row(&licence).next_term().quantity, 5);
    assert_eq!(portal.take_back(&licence, What::Plan), TakeBack::TakenBack);
    let row = portal.licence_row(&licence);
    assert_eq!((row.next_term().plan.as_str(), row.next_term().unit_price), ("Team", francs(PRICE)));
    assert!(!row.has_scheduled());
}

/// Another plan begins with its term, which may last longer: the days of the month stay.
#[apply(on_both)]
fn another_plan_comes_with_its_own_term(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Monthly, 3, 29_000);
    let yearly = copied_plan("Yearly", Term::Yearly, 2, 269_000);
    assert!(matches!(portal.change_plan(&licence, &yearly), Schedule::Scheduled { seats: 6, .. }));
    let first_end = portal.licence_row(&licence).ends_at.expect("an end");
    portal.later(Duration::days(28));
    let Renew::Renewed { ends_at } = portal.renew(&licence) else { panic!("it is renewed") };
    assert_eq!(
        (first_end.to_utc().date_naive().to_string().as_str(), ends_at.to_utc().date_naive().to_string().as_str()),
        ("2026-12-24", "2027-12-24")
    );
    assert_eq!(
        (portal.licence_row(&licence).term, portal.licence_row(&licence).plan.as_str()),
        (Term::Monthly, "Team")
    );
    portal.later(Duration::days(10));
    portal.do_licence_changes();
    let row = portal.licence_row(&licence);
    assert_eq!((row.term, row.plan.as_str(), row.seats, row.quantity), (Term::Yearly, "Yearly", 6, 3));
    assert_eq!((row.unit_price(), row.includes.as_str()), (francs(269_000), "All of Yearly"));
    let quote = raise::quote(&row, 1, portal.app.now()).expect("a price");
    assert_eq!(quote.line.calculation, "358 of 365 days");
}

/// After the end there is nothing left that it could take away: it changes with the payment.
#[apply(on_both)]
fn what_is_renewed_late_changes_at_once(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Monthly, 3, 29_000);
    portal.reduce(&licence, 2);
    portal.later(Duration::days(35));
    assert!(matches!(portal.renew(&licence), Renew::Renewed { .. }));
    let row = portal.licence_row(&licence);
    assert_eq!((row.seats, row.quantity, row.next_at), (2, 2, None));
    let quote = raise::quote(&row, 1, portal.app.now()).expect("a price");
    assert_eq!((quote.line.amount, quote.line.calculation.as_str()), (29_000, ""), "the day of the payment is given");
}

#[apply(on_both)]
fn without_a_next_term_nothing_can_come_with_it(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 3, PRICE);
    let owner = portal.scope(Persona::Owner);
    portal.reduce(&licence, 2);
    let cancel = |tx: &mut portico::db::WriteTx| portico::licences::cancellation::cancel(tx, &owner, &licence);
    portal.app.write_now::<_, portico::db::DbError>(cancel).expect("it ends");
    assert_eq!(portal.reduce(&licence, 1), Schedule::Refused(Refusal::Cancelled));
    let light = copied_plan("Light", Term::Yearly, 1, 99_000);
    assert_eq!(portal.change_plan(&licence, &light), Schedule::Refused(Refusal::Cancelled));
    assert_eq!(portal.take_back(&licence, What::Seats), TakeBack::TakenBack, "less to think of when it is resumed");
    let team = copied_plan("Team", Term::Yearly, 1, PRICE);
    let other = portal.bought(Term::Yearly, 3, PRICE);
    assert_eq!(portal.change_plan(&other, &team), Schedule::Refused(Refusal::NoSuchPlan), "it has that one");
    let given = portal.licence(Term::Yearly, 3);
    assert_eq!(portal.change_plan(&given, &light), Schedule::Refused(Refusal::NotBought));
    for persona in [Persona::Editor, Persona::Reader, Persona::Member] {
        let scope = portal.scope(persona);
        let reduce =
            |tx: &mut portico::db::WriteTx| portico::licences::changes::schedule::reduce(tx, &scope, &other, 1);
        let outcome = portal.app.write_now::<_, portico::db::DbError>(reduce).expect("it ends");
        assert_eq!(outcome, Schedule::NotAllowed, "{persona:?}");
    }
}
