//! Whatever is done in whatever order: nothing that is paid is shortened, and no day of a seat is charged twice. Each seat keeps the
//! days that were paid of it, with the part of the price of its term that each costs; what is charged is compared with their sum.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use portico::access::Scope;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::cancellation;
use portico::licences::changes::raise::{self, Raise};
use portico::licences::changes::schedule::{Schedule, What};
use portico::licences::changes::state::State;
use portico::licences::changes::upgrade::{self, Upgrade};
use portico::licences::copied_plan::CopiedPlan;
use portico::licences::licence::Licence;
use portico::licences::renewal::Renew;
use portico::licences::terms::{Term, last_day};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use rstest_reuse::apply;

use crate::support::{Persona, Portal, copied_plan, on_both};

#[derive(Clone, Debug)]
enum Step {
    Raise(u32),
    Reduce(i32),
    /// To one of the plans, at once or with the next term, as it is.
    ChangePlan(prop::sample::Index),
    TakeBack(bool),
    Renew,
    Cancel,
    Resume,
    Later(i64),
    /// The job that gives licences what their next term has.
    Job,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..4_u32).prop_map(Step::Raise),
        2 => (1..6_i32).prop_map(Step::Reduce),
        3 => any::<prop::sample::Index>().prop_map(Step::ChangePlan),
        1 => any::<bool>().prop_map(Step::TakeBack),
        3 => Just(Step::Renew),
        1 => Just(Step::Cancel),
        1 => Just(Step::Resume),
        4 => (1..200_i64).prop_map(Step::Later),
        1 => Just(Step::Job),
    ]
}

fn plans() -> [CopiedPlan; 4] {
    [
        copied_plan("Team", Term::Yearly, 1, 269_000),
        copied_plan("Plus", Term::Yearly, 1, 329_001),
        copied_plan("Light", Term::Yearly, 1, 99_999),
        copied_plan("Monthly", Term::Monthly, 1, 29_007),
    ]
}

/// A seat: what each paid day costs, as the price of a term and how many days that has.
type Seat = BTreeMap<NaiveDate, (i64, i64)>;

struct Model {
    seats: Vec<Seat>,
    price: i64,
    /// The day on which terms began: it is given.
    given: NaiveDate,
    /// The last day that is paid, and how many days each paid day's term has.
    last: NaiveDate,
    days_of_term: BTreeMap<NaiveDate, i64>,
    /// With which day how many seats and which price come.
    next: Option<(NaiveDate, usize, i64)>,
}

fn days(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

impl Model {
    fn new(licence: &Licence, price: i64) -> Self {
        let given = licence.starts_at.day();
        let seats = vec![Seat::new(); usize::try_from(licence.seats).unwrap()];
        let (last, days_of_term, next) = (given, BTreeMap::new(), None);
        let mut model = Self { seats, price, given, last, days_of_term, next };
        model.pay_term(last_of(licence), licence.quantity, price);
        model
    }

    /// A term after the last day that is paid. Answers what it costs.
    fn pay_term(&mut self, last: NaiveDate, quantity: i32, price: i64) -> f64 {
        let first = self.last.succ_opt().unwrap();
        let of = (last - self.last).num_days();
        let mut cost = 0.0;
        for seat in self.seats.iter_mut().take(quantity.try_into().unwrap()) {
            for day in days(first, last) {
                assert!(seat.insert(day, (price, of)).is_none(), "{day} is charged twice");
                cost += price as f64 / of as f64;
            }
        }
        self.days_of_term.extend(days(first, last).map(|day| (day, of)));
        self.last = last;
        cost
    }

    fn left(&self, today: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
        days(today.max(self.given.succ_opt().unwrap()), self.last)
    }

    fn raise(&mut self, more: u32, today: NaiveDate) -> f64 {
        let cost_of = |day| (self.price, self.days_of_term[&day]);
        let seat: Seat = self.left(today).map(|day| (day, cost_of(day))).collect();
        let cost: f64 = seat.values().map(|(price, of)| *price as f64 / *of as f64).sum();
        self.seats.extend(vec![seat; more as usize]);
        cost * f64::from(more)
    }

    fn upgrade(&mut self, price: i64, today: NaiveDate) -> f64 {
        let left: Vec<NaiveDate> = self.left(today).collect();
        let mut cost = 0.0;
        for seat in &mut self.seats {
            for day in &left {
                let (before, of) = seat.insert(*day, (price, self.days_of_term[day])).expect("it was paid");
                assert_eq!(before, self.price, "{day}");
                cost += (price - before) as f64 / of as f64;
            }
        }
        self.price = price;
        cost
    }

    /// The next term has begun.
    fn begin(&mut self, today: NaiveDate) {
        if let Some((from, quantity, price)) = self.next
            && from <= today
        {
            (self.next, self.price) = (None, price);
            self.seats.truncate(quantity);
        }
    }
}

fn last_of(licence: &Licence) -> NaiveDate {
    last_day(licence.ends_at.expect("an end"), &chrono::Utc)
}

/// What was charged is what the days cost, rounded.
fn assert_charged(charged: i64, cost: f64, step: &Step) {
    assert!((charged as f64 - cost).abs() <= 0.500_01, "{step:?}: {charged} was charged for {cost}");
}

fn go_through(portal: &Portal, steps: &[Step]) {
    let owner = portal.scope(Persona::Owner);
    let id = portal.bought(Term::Yearly, 3, plans()[0].unit_price);
    let mut model = Model::new(&portal.licence_row(&id), plans()[0].unit_price);
    for step in steps {
        let before = portal.licence_row(&id);
        take(portal, &owner, &id, &mut model, step);
        let (after, now) = (portal.licence_row(&id), portal.app.now());
        assert!(after.ends_at >= before.ends_at, "{step:?} shortens what is paid");
        assert_eq!(last_of(&after), model.last, "{step:?}");
        if after.has_ended_at(now) {
            continue;
        }
        // What is paid of today can be used today, and nothing else; the day of the purchase is given.
        let today = now.day();
        let paid = model.seats.iter().filter(|seat| seat.contains_key(&today) || today == model.given).count();
        assert_eq!(usize::try_from(after.seats_at(now)).unwrap(), paid, "{step:?} on {today}: {after:?}");
    }
}

fn take(portal: &Portal, owner: &Scope, id: &LicenceId, model: &mut Model, step: &Step) {
    let (row, now) = (portal.licence_row(id), portal.app.now());
    let (today, state) = (now.day(), State::of(&row));
    match step {
        Step::Raise(more) => {
            // Whoever orders is shown what the job will have done by then.
            let Ok(quote) = raise::quote(&row, *more, now) else {
                assert_eq!(portal.raise(id, *more, &state), Raise::Stale);
                return;
            };
            assert_eq!(portal.raise(id, *more, &state), Raise::Raised { seats: quote.seats });
            assert_charged(quote.line.amount, model.raise(*more, today), step);
        }
        Step::ChangePlan(which) => {
            let plan = which.get(&plans()).clone();
            let Ok(quote) = upgrade::quote(&row, 0, &plan, now) else {
                assert_eq!(portal.upgrade(id, &plan, &state), Upgrade::Stale);
                portal.change_plan(id, &plan);
                return;
            };
            assert_eq!(portal.upgrade(id, &plan, &state), Upgrade::Upgraded);
            assert_charged(quote.line.amount, model.upgrade(plan.unit_price, today), step);
        }
        Step::Reduce(quantity) => {
            let outcome = portal.reduce(id, *quantity);
            assert!(*quantity < row.quantity || matches!(outcome, Schedule::Refused(_)), "{outcome:?}");
        }
        Step::TakeBack(is_plan) => {
            portal.take_back(id, if *is_plan { What::Plan } else { What::Seats });
        }
        Step::Renew => renew(portal, id, model, step),
        Step::Cancel => {
            portal.app.write_now::<_, DbError>(|tx| cancellation::cancel(tx, owner, id)).expect("it ends");
        }
        Step::Resume => {
            portal.app.write_now::<_, DbError>(|tx| cancellation::resume(tx, owner, id)).expect("it ends");
        }
        Step::Later(days) => {
            portal.later(Duration::days(*days));
            model.begin(portal.app.now().day());
        }
        Step::Job => portal.do_licence_changes(),
    }
}

fn renew(portal: &Portal, id: &LicenceId, model: &mut Model, step: &Step) {
    let before = portal.licence_row(id).caught_up(portal.app.now());
    let Renew::Renewed { .. } = portal.renew(id) else { return };
    let (next, today) = (before.next_term(), portal.app.now().day());
    let price = next.unit_price.expect("it was bought").minor;
    let has_ended = today > model.last;
    if has_ended {
        (model.given, model.last) = (today, today);
        model.seats.iter_mut().for_each(Seat::clear);
        model.seats.truncate(next.quantity.try_into().unwrap());
        model.price = price;
    } else if before.has_scheduled() {
        model.next = Some((model.last.succ_opt().unwrap(), next.quantity.try_into().unwrap(), price));
    }
    let cost = model.pay_term(last_of(&portal.licence_row(id)), next.quantity, price);
    let charged = next.line("Mapper").expect("it was bought").amount;
    assert_charged(charged, cost, step);
    assert_eq!(charged, price * i64::from(next.quantity), "a whole term costs its price");
}

#[apply(on_both)]
fn any_sequence_shortens_nothing_and_charges_no_day_twice(#[case] portal: &Portal) {
    let cases = if cfg!(debug_assertions) { 48 } else { 400 };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            go_through(portal, &steps);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
