//! More seats, a dearer plan, and another year of Support & Upgrade, once they are paid.

use chrono::Duration;
use diesel::prelude::*;
use portico::audit::By;
use portico::db::DbError;
use portico::licences::changes::raise::{self, Raise};
use portico::licences::changes::schedule::Schedule;
use portico::licences::changes::state::Refusal;
use portico::licences::changes::support::{self, Extend};
use portico::licences::changes::upgrade::{self, Upgrade};
use portico::licences::renewal::Renew;
use portico::licences::seats::Occupy;
use portico::licences::suspension;
use portico::licences::terms::Term;
use portico::money::{Currency, Money};
use portico::schema::licences;
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, copied_plan, on_both};

const PRICE: i64 = 129_000;

#[apply(on_both)]
fn more_seats_cost_what_is_left_and_the_end_stays(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let whole = raise::quote(&portal.licence_row(&licence), 3, portal.app.now()).expect("a price");
    assert_eq!((whole.line.amount, whole.line.calculation.as_str(), whole.seats), (3 * PRICE, "", 5));
    portal.later(Duration::days(183));
    let before = portal.licence_row(&licence);
    let quote = raise::quote(&before, 3, portal.app.now()).expect("a price");
    assert_eq!((quote.line.calculation.as_str(), quote.line.quantity), ("183 of 365 days", 3));
    assert_eq!((quote.line.amount, quote.line.unit_price), (194_030, PRICE), "3 × 1,290.00 × 183 / 365 is 1,940.301…");
    let state = portal.state_of(&licence);
    let recorded = portal.recorded(|| assert_eq!(portal.raise(&licence, 3, &state), Raise::Raised { seats: 5 }));
    assert_eq!((recorded.len(), recorded[0].action.as_str()), (1, "licence.seats.changed"));
    assert_eq!((recorded[0].before.as_str(), recorded[0].after.as_str()), (r#"{"seats":2}"#, r#"{"seats":5}"#));
    let after = portal.licence_row(&licence);
    assert_eq!((after.seats, after.quantity, after.ends_at), (5, 5, before.ends_at));
    assert_eq!(after.next_term().line("Mapper").expect("a price").amount, 5 * PRICE);
    // Paid once more for a licence that has changed, it is not given: that money goes back.
    assert_eq!(portal.raise(&licence, 3, &state), Raise::Stale);
    assert_eq!(portal.licence_row(&licence).seats, 5);
}

#[apply(on_both)]
fn what_is_renewed_ahead_is_paid_ahead(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    portal.later(Duration::days(360));
    assert!(matches!(portal.renew(&licence), Renew::Renewed { .. }));
    let quote = raise::quote(&portal.licence_row(&licence), 1, portal.app.now()).expect("a price");
    assert_eq!((quote.line.calculation.as_str(), quote.line.amount), ("1 term and 6 of 365 days", 131_121));
}

#[apply(on_both)]
fn a_price_has_seats_of_the_plan_and_its_credits(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Monthly, 2, 29_000);
    portal.rewrite(|connection| {
        diesel::update(licences::table.find(&licence))
            .set((licences::seats.eq(10), licences::credits.eq(100)))
            .execute(connection)
    });
    portal.later(Duration::days(16));
    let row = portal.licence_row(&licence);
    let quote = raise::quote(&row, 1, portal.app.now()).expect("a price");
    assert_eq!((quote.line.calculation.as_str(), quote.seats, quote.credits), ("15 of 30 days", 15, 25));
    let plan = copied_plan("Plus", Term::Monthly, 6, 39_000);
    let plan = portico::licences::copied_plan::CopiedPlan { credits: 300, ..plan };
    let quote = upgrade::quote(&row, 10, &plan, portal.app.now()).expect("a price");
    assert_eq!((quote.line.amount, quote.seats, quote.credits), (10_000, 12, 250), "of the differences, for two");
}

#[apply(on_both)]
fn a_dearer_plan_is_had_at_once_and_nobody_loses_a_seat(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    portal.occupy(&licence, Persona::Editor);
    portal.occupy(&licence, Persona::Manager);
    portal.later(Duration::days(183));
    let (before, now) = (portal.licence_row(&licence), portal.app.now());
    let plus = copied_plan("Plus", Term::Yearly, 1, 199_000);
    let quote = upgrade::quote(&before, 2, &plus, now).expect("a price");
    assert_eq!(quote.line.calculation, "CHF 1,990.00 less CHF 1,290.00, 183 of 365 days");
    assert_eq!((quote.line.amount, quote.line.unit_price), (70_192, 70_000), "2 × 700.00 × 183 / 365 is 701.917…");
    let state = portal.state_of(&licence);
    let actions = portal.recorded_actions(|| assert_eq!(portal.upgrade(&licence, &plus, &state), Upgrade::Upgraded));
    assert_eq!(actions, ["licence.plan.changed"]);
    let after = portal.licence_row(&licence);
    assert_eq!((after.plan.as_str(), after.includes.as_str(), after.ends_at), ("Plus", "All of Plus", before.ends_at));
    assert_eq!(
        (after.unit_price().map(|price| price.minor), after.plan_key.as_deref()),
        (Some(199_000), Some("mapper-plus"))
    );
    assert_eq!(portal.seats_of(&licence).len(), 2);
    assert_eq!(portal.upgrade(&licence, &plus, &state), Upgrade::Stale);

    // Not to one that costs less, lasts longer, or has fewer seats than are in use.
    let (row, now) = (portal.licence_row(&licence), portal.app.now());
    for plan in [copied_plan("Light", Term::Yearly, 1, 99_000), copied_plan("Monthly", Term::Monthly, 1, 299_000)] {
        assert_eq!(upgrade::quote(&row, 2, &plan, now), Err(Refusal::NoSuchPlan), "{}", plan.name);
    }
    let small = copied_plan("Solo", Term::Yearly, 0, 299_000);
    assert_eq!(upgrade::quote(&row, 2, &small, now), Err(Refusal::InUse { seats: 0, used: 2 }));
    assert_eq!(portal.upgrade(&licence, &small, &portal.state_of(&licence)), Upgrade::Stale);
    assert_eq!(portal.licence_row(&licence).plan, "Plus");
}

#[apply(on_both)]
fn what_is_bought_at_once_replaces_what_was_asked_for_with_the_next_term(#[case] portal: &Portal) {
    let licence = portal.bought(Term::Yearly, 4, PRICE);
    assert!(matches!(portal.reduce(&licence, 2), Schedule::Scheduled { seats: 2, .. }));
    assert_eq!(portal.raise(&licence, 1, &portal.state_of(&licence)), Raise::Raised { seats: 5 });
    assert_eq!(portal.licence_row(&licence).next_quantity, None);
    portal.change_plan(&licence, &copied_plan("Light", Term::Yearly, 1, 99_000));
    let plus = copied_plan("Plus", Term::Yearly, 1, 199_000);
    assert_eq!(portal.upgrade(&licence, &plus, &portal.state_of(&licence)), Upgrade::Upgraded);
    assert_eq!(portal.licence_row(&licence).next_term().plan, "Plus");
}

#[apply(on_both)]
fn licences_that_cannot_be_changed_say_why(#[case] portal: &Portal) {
    let refusal = |licence: &portico::ids::LicenceId, more| {
        raise::quote(&portal.licence_row(licence), more, portal.app.now()).expect_err("it is refused")
    };
    assert_eq!(refusal(&portal.licence(Term::Yearly, 2), 1), Refusal::NotBought);
    assert_eq!(refusal(&portal.bought(Term::Trial, 2, 0), 1), Refusal::Trial);
    assert_eq!(refusal(&portal.bought(Term::Yearly, 0, PRICE), 1), Refusal::WithoutSeats);
    let licence = portal.bought(Term::Monthly, 2, PRICE);
    assert_eq!(refusal(&licence, 9_999), Refusal::TooMany);
    assert_eq!(refusal(&licence, u32::MAX), Refusal::TooMany);
    let suspend = |tx: &mut portico::db::WriteTx| suspension::suspend(tx, &portal.operator(), &licence);
    let state = portal.state_of(&licence);
    portal.app.write_now::<_, DbError>(suspend).expect("it ends");
    assert_eq!(refusal(&licence, 1), Refusal::Suspended);
    assert_eq!(portal.raise(&licence, 1, &state), Raise::Stale);
    let ended = portal.bought(Term::Monthly, 2, PRICE);
    portal.later(Duration::days(40));
    assert_eq!(refusal(&ended, 1), Refusal::Ended);
    assert_eq!(portal.raise(&ended, 1, &portal.state_of(&ended)), Raise::Stale);
}

/// It goes on from its end where that is to come, and from now otherwise.
#[apply(on_both)]
fn support_and_upgrade_goes_on_from_its_end_or_begins_now(#[case] portal: &Portal) {
    let price = Money { minor: 89_000, currency: Currency::Chf };
    let licence = portal.bought(Term::Perpetual, 3, 469_000);
    let owner = portal.scope(Persona::Owner);
    let extend = || {
        let state = portal.state_of(&licence);
        let act = |tx: &mut portico::db::WriteTx| {
            let scope = owner.lock(tx)?.expect("an Owner");
            support::extend(tx, By::member(&scope), scope.organization_id(), &licence, &state)
        };
        let quote = support::quote(&portal.licence_row(&licence), "Support & Upgrade", price, portal.app.now());
        let quote = quote.expect("a price");
        let outcome = portal.app.write_now::<_, DbError>(act).expect("it ends");
        assert_eq!(outcome, Extend::Extended { until: quote.until });
        (quote.line.amount, quote.until.to_utc().date_naive().to_string())
    };
    assert_eq!(extend(), (267_000, "2027-11-24".to_owned()), "for each of the three");
    portal.later(Duration::days(300));
    assert_eq!(extend().1, "2028-11-24", "from its end");
    portal.later(Duration::days(500));
    assert_eq!(extend().1, "2030-02-01", "from now");
    let yearly = portal.bought(Term::Yearly, 1, PRICE);
    let quote = support::quote(&portal.licence_row(&yearly), "Support & Upgrade", price, portal.app.now());
    assert_eq!(quote, Err(Refusal::NotPerpetual));
    let perpetual = portal.licence_row(&licence);
    let quote = raise::quote(&perpetual, 1, portal.app.now()).expect("a price");
    assert_eq!((quote.line.amount, quote.line.calculation.as_str()), (469_000, ""), "what has no end has no days");
    assert_eq!(portal.occupy(&licence, Persona::Editor), Occupy::Occupied);
    assert_eq!(portal.reduce(&licence, 1), Schedule::Refused(Refusal::Perpetual));
}
