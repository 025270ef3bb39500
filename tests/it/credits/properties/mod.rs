//! Whatever is done in whatever order: the balance is the sum of the rows and never less than nothing, and every credit that was spent
//! comes from a grant, in the order that the rules say. Compared with a model that fits on a page.

mod model;
mod purchases;

use std::cell::Cell;

use chrono::Duration;
use portico::access::Scope;
use portico::credits::check::disagreements;
use portico::credits::entry::Source;
use portico::credits::expiry::expire;
use portico::credits::grant::Grant;
use portico::credits::reverse::Reverse;
use portico::credits::spend::Spend;
use portico::credits::wallet;
use portico::db::DbError;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use rstest_reuse::apply;

use self::model::{Lot, Model};
use self::purchases::Purchases;
use super::{Given, grant_in, reverse_in, spend_in};
use crate::accounts::home::found_many;
use crate::support::{Persona, Portal, on_both};

#[derive(Clone, Debug)]
enum Step {
    /// Ends after so many hours, if it ends.
    Grant {
        credits: i64,
        hours: Option<i64>,
        is_purchased: bool,
    },
    Spend {
        credits: i64,
    },
    /// Something that was done before, again.
    Repeat {
        which: prop::sample::Index,
    },
    Reverse {
        which: prop::sample::Index,
    },
    /// A package, by an order that is paid.
    Buy,
    /// The provider tells of a payment once more.
    PayAgain {
        which: prop::sample::Index,
    },
    /// So many thirds of what is left of the money go back.
    Refund {
        which: prop::sample::Index,
        thirds: i64,
    },
    Later {
        hours: i64,
    },
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..60_i64, prop::option::of(1..200_i64), any::<bool>())
            .prop_map(|(credits, hours, is_purchased)| Step::Grant { credits, hours, is_purchased }),
        5 => (1..50_i64).prop_map(|credits| Step::Spend { credits }),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::Repeat { which }),
        3 => any::<prop::sample::Index>().prop_map(|which| Step::Reverse { which }),
        2 => Just(Step::Buy),
        1 => any::<prop::sample::Index>().prop_map(|which| Step::PayAgain { which }),
        2 => (any::<prop::sample::Index>(), 1..4_i64).prop_map(|(which, thirds)| Step::Refund { which, thirds }),
        2 => (1..72_i64).prop_map(|hours| Step::Later { hours }),
        1 => Just(Step::Expire),
    ]
}

/// Does the steps both in the model and in an Organization of the portal.
fn compare(portal: &Portal, scope: &Scope, steps: &[Step]) -> Result<(), TestCaseError> {
    let organization = scope.organization_id();
    let (mut model, mut purchases) = (Model::default(), Purchases::of(portal, scope));
    let write = |body: &dyn Fn(&mut portico::db::WriteTx) -> Result<(), DbError>| {
        portal.app.write_now::<_, DbError>(|tx| body(tx)).expect("it is stored");
    };
    for (number, step) in steps.iter().enumerate() {
        let name = format!("row-{number}");
        match step {
            Step::Grant { credits, hours, is_purchased } => {
                let source = if *is_purchased { Source::Purchase } else { Source::Operator };
                let ends_at = hours.map(|hours| portal.app.now() + Duration::hours(hours));
                let given = Given { ends_at, ..Given::new(*credits, &name).from(source) };
                write(&|tx| {
                    grant_in(tx, organization, given).map(|outcome| assert!(matches!(outcome, Grant::Granted(_))))
                });
                let ends = hours.map_or(i64::MAX, |hours| model.hours + hours);
                model.lots.push(Lot { reference: name.clone(), left: *credits, ends, is_purchased: *is_purchased });
                model.done.push((name, *credits, true, source, ends_at));
            }
            Step::Spend { credits } => {
                let is_enough = model.spend(&name, *credits);
                write(&|tx| {
                    let outcome = spend_in(tx, organization, *credits, &name)?;
                    assert_eq!(matches!(outcome, Spend::Spent(_)), is_enough, "{outcome:?}");
                    Ok(())
                });
                if is_enough {
                    model.done.push((name, *credits, false, Source::Operator, None));
                }
            }
            Step::Repeat { which } if !model.done.is_empty() => {
                let (name, credits, is_grant, source, ends_at) = which.get(&model.done).clone();
                let was_reversed = model.reversed.contains(&name);
                write(&|tx| {
                    if is_grant {
                        let given = Given { ends_at, ..Given::new(credits, &name).from(source) };
                        match grant_in(tx, organization, given)? {
                            Grant::Already(_) => assert!(!was_reversed, "{name}"),
                            Grant::Reversed(_) => assert!(was_reversed, "{name}"),
                            other => panic!("{other:?}"),
                        }
                        let outcome = grant_in(tx, organization, Given::new(credits + 1, &name).from(source))?;
                        assert!(matches!(outcome, Grant::OtherWithReference(_)));
                    } else {
                        match spend_in(tx, organization, credits, &name)? {
                            Spend::Already(_) => assert!(!was_reversed, "{name}"),
                            Spend::Reversed(_) => assert!(was_reversed, "{name}"),
                            other => panic!("{other:?}"),
                        }
                        let outcome = spend_in(tx, organization, credits + 1, &name)?;
                        assert!(matches!(outcome, Spend::OtherWithReference(_)));
                    }
                    Ok(())
                });
            }
            Step::Reverse { which } if !model.done.is_empty() => {
                let (name, ..) = which.get(&model.done).clone();
                let was = model.reversed.contains(&name);
                let changed = Cell::new(false);
                write(&|tx| {
                    let outcome = reverse_in(tx, organization, &name)?;
                    assert_eq!(matches!(outcome, Reverse::Already(_)), was, "{outcome:?}");
                    changed.set(matches!(outcome, Reverse::Reversed { .. }));
                    Ok(())
                });
                if !was {
                    model.reverse(&name);
                }
                if changed.get() {
                    model.reversed.push(name);
                }
            }
            Step::Buy => purchases.buy(&mut model, &name),
            Step::PayAgain { which } => purchases.pay_again(*which),
            Step::Refund { which, thirds } => purchases.refund(&mut model, *which, *thirds),
            Step::Later { hours } => {
                portal.later(Duration::hours(*hours));
                model.hours += hours;
            }
            Step::Expire => {
                model.settle();
                write(&|tx| expire(tx, organization).map(drop));
            }
            Step::Repeat { .. } | Step::Reverse { .. } => {}
        }
        // Nobody has looked yet for what has ended: a spend or a reversal that comes next must do so itself.
        if matches!(step, Step::Later { .. }) {
            continue;
        }
        write(&|tx| expire(tx, organization).map(drop));
        model.settle();
        let wallet = portal.app.db.read(|connection| wallet::read(connection, organization)).expect("an answer");
        let balance = wallet.map_or(0, |wallet| wallet.balance);
        prop_assert_eq!(balance, model.balance(), "after {:?}", step);
        prop_assert!(balance >= 0);
    }
    let found = portal.app.db.read(disagreements).expect("the ledgers are read");
    prop_assert_eq!(found, vec![]);
    purchases.assert_money_agrees();
    Ok(())
}

#[apply(on_both)]
fn any_sequence_keeps_the_ledger_right(#[case] portal: &Portal) {
    let cases = if cfg!(debug_assertions) { 24 } else { 200 };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    portal.shop();
    let number = Cell::new(0);
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            // A ledger of its own for each sequence.
            let next = number.replace(number.get() + 1);
            found_many(portal, Persona::Owner, next..next + 1);
            let scope = portal.scope_of(&Persona::Owner.email(), &format!("studio-{next:03}"));
            compare(portal, &scope, &steps)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
