//! The rules of credits on a page.

use std::collections::BTreeMap;

use portico::credits::entry::Source;
use portico::time::Timestamp;

/// A grant as the model has it.
pub(super) struct Lot {
    pub reference: String,
    pub left: i64,
    /// In hours since the beginning.
    pub ends: i64,
    pub is_purchased: bool,
}

#[derive(Default)]
pub(super) struct Model {
    pub hours: i64,
    pub lots: Vec<Lot>,
    /// From which lots a spend took how much.
    spends: BTreeMap<String, Vec<(usize, i64)>>,
    pub reversed: Vec<String>,
    /// What was done with which reference: the credits, and whether they were granted.
    pub done: Vec<(String, i64, bool, Source, Option<Timestamp>)>,
}

impl Model {
    pub fn settle(&mut self) {
        for lot in self.lots.iter_mut().filter(|lot| lot.ends <= self.hours) {
            lot.left = 0;
        }
    }

    pub fn balance(&self) -> i64 {
        self.lots.iter().map(|lot| lot.left).sum()
    }

    /// Whether there was enough.
    pub fn spend(&mut self, reference: &str, credits: i64) -> bool {
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

    pub fn reverse(&mut self, reference: &str) {
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
