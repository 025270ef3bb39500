//! Whatever is done in whatever order: the balance is the sum of the rows and never less than nothing, and every credit that was spent
//! comes from a grant, in the order that the rules say. Compared with a model that fits on a page.

use std::cell::Cell;
use std::collections::BTreeMap;

use chrono::Duration;
use portico::credits::check::disagreements;
use portico::credits::entry::Source;
use portico::credits::expiry::expire;
use portico::credits::grant::Grant;
use portico::credits::reverse::Reverse;
use portico::credits::spend::Spend;
use portico::credits::wallet;
use portico::db::DbError;
use portico::ids::OrganizationId;
use portico::time::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rstest::rstest;
use rstest_reuse::apply;

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
        2 => (1..72_i64).prop_map(|hours| Step::Later { hours }),
        1 => Just(Step::Expire),
    ]
}

/// A grant as the model has it.
struct Lot {
    reference: String,
    left: i64,
    /// In hours since the beginning.
    ends: i64,
    is_purchased: bool,
}

#[derive(Default)]
struct Model {
    hours: i64,
    lots: Vec<Lot>,
    /// From which lots a spend took how much.
    spends: BTreeMap<String, Vec<(usize, i64)>>,
    reversed: Vec<String>,
    /// What was done with which reference: the credits, and whether they were granted.
    done: Vec<(String, i64, bool, Source, Option<Timestamp>)>,
}

impl Model {
    fn settle(&mut self) {
        for lot in self.lots.iter_mut().filter(|lot| lot.ends <= self.hours) {
            lot.left = 0;
        }
    }

    fn balance(&self) -> i64 {
        self.lots.iter().map(|lot| lot.left).sum()
    }

    /// Whether there was enough.
    fn spend(&mut self, reference: &str, credits: i64) -> bool {
        self.settle();
        if self.balance() < credits {
            return false;
        }
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|at| (self.lots[*at].ends, self.lots[*at].is_purchased, *at));
        let (mut wanted, mut parts) = (credits, Vec::new());
        for at in order {
            let part = self.lots[at].left.min(wanted);
            self.lots[at].left -= part;
            wanted -= part;
            parts.push((at, part));
        }
        self.spends.insert(reference.to_owned(), parts);
        true
    }

    fn reverse(&mut self, reference: &str) {
        self.settle();
        if let Some(parts) = self.spends.get(reference) {
            for (at, part) in parts {
                self.lots[*at].left += part;
            }
            self.settle();
        } else if let Some(lot) = self.lots.iter_mut().find(|lot| lot.reference == reference && lot.left > 0) {
            (lot.left, lot.ends) = (0, self.hours);
        }
    }
}

/// Does the steps both in the model and in an Organization of the portal.
fn compare(portal: &Portal, organization: &OrganizationId, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
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
    Ok(())
}

#[apply(on_both)]
fn any_sequence_keeps_the_ledger_right(#[case] portal: &Portal) {
    let cases = if cfg!(debug_assertions) { 24 } else { 200 };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let number = Cell::new(0);
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            // A ledger of its own for each sequence.
            let next = number.replace(number.get() + 1);
            found_many(portal, Persona::Owner, next..next + 1);
            let scope = portal.scope_of(&Persona::Owner.email(), &format!("studio-{next:03}"));
            compare(portal, scope.organization_id(), &steps)
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}
