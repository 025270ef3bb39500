//! How many invitation mails may still leave: counted for the network, the account and the Organization that they come from. What
//! a form may need is taken in advance and given back where it was not needed.

use crate::access::Scope;
use crate::db::{DbError, WriteTx};
use crate::limits::TooOften;
use crate::network::network_of;
use crate::rates::Limit;

pub(super) struct Budget {
    /// What was taken of each limit.
    taken: Vec<(Limit, String, i32)>,
    left: i32,
    spent: i32,
    /// Why there are no more than `left`, if there are not.
    exhausted: Option<TooOften>,
}

impl Budget {
    /// Takes `wanted` mails, or as many as all of the limits allow.
    pub(super) fn take(tx: &mut WriteTx, scope: &Scope, wanted: usize) -> Result<Self, DbError> {
        let limits = [
            (Limit::InvitationsNetwork, network_of(&scope.person().ip)),
            (Limit::InvitationsAccount, scope.person().user_id.to_string()),
            (Limit::InvitationsOrganization, scope.organization_id().to_string()),
        ];
        let mut budget =
            Self { taken: Vec::new(), left: i32::try_from(wanted).unwrap_or(i32::MAX), spent: 0, exhausted: None };
        for (limit, who) in limits {
            let (granted, refusal) = tx.take_up_to(limit, &who, budget.left)?;
            budget.taken.push((limit, who, granted));
            budget.left = granted;
            budget.exhausted = refusal.or(budget.exhausted);
        }
        Ok(budget)
    }

    /// Why not even one more may be sent, if it may not.
    pub(super) fn refusal(&self) -> Option<TooOften> {
        self.exhausted.filter(|_| self.left == self.spent)
    }

    pub(super) fn spend(&mut self) {
        self.spent += 1;
    }

    /// Gives back what was not spent.
    pub(super) fn give_back(self, tx: &mut WriteTx) -> Result<(), DbError> {
        for (limit, who, granted) in &self.taken {
            if *granted > self.spent {
                tx.give_back(*limit, who, granted - self.spent)?;
            }
        }
        Ok(())
    }
}
