//! How many changes somebody makes: each request that changes something is counted for the account that it comes from, or for
//! its network where nobody is signed in. The guard notes whose request it is; the first transaction of the request counts it,
//! so that no form can forget it, and it costs one statement and no transaction of its own. What is rolled back is not counted:
//! it fills no disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::db::{DbError, WriteTx};
use crate::ids::UserId;
use crate::limits::Allowance;
use crate::network::{network_of, wide_network_of};
use crate::rates::Limit;

tokio::task_local! {
    static CHANGES: Changes;
}

/// Whose changes a request makes.
#[derive(Clone, Debug)]
pub struct Changes {
    of: Arc<[(Limit, String)]>,
    are_counted: Arc<AtomicBool>,
}

impl Changes {
    fn new(of: impl Into<Arc<[(Limit, String)]>>) -> Self {
        Self { of: of.into(), are_counted: Arc::default() }
    }

    pub fn of_account(user: &UserId) -> Self {
        Self::new([(Limit::ChangesAccount, user.to_string())])
    }

    pub fn of_network(ip: &str) -> Self {
        let (network, wide) = (network_of(ip), wide_network_of(ip));
        if network == wide {
            return Self::new([(Limit::ChangesNetwork, network)]);
        }
        Self::new([(Limit::ChangesNetwork, network), (Limit::ChangesWideNetwork, wide)])
    }

    /// Answers a request whose changes these are.
    pub async fn during<F: Future>(self, request: F) -> F::Output {
        CHANGES.scope(self, request).await
    }

    /// Those of the request that is being answered, if it may change something.
    pub fn of_request() -> Option<Self> {
        CHANGES.try_with(Clone::clone).ok()
    }

    /// Counts the request, unless an earlier transaction of it has.
    pub fn count(&self, tx: &mut WriteTx) -> Result<Allowance, DbError> {
        if self.are_counted.load(Ordering::Relaxed) {
            return Ok(Allowance::Granted);
        }
        for (limit, who) in &*self.of {
            let allowance = tx.take_or_roll_back(*limit, who)?;
            if allowance != Allowance::Granted {
                return Ok(allowance);
            }
        }
        Ok(Allowance::Granted)
    }

    /// The transaction was committed.
    pub fn stored(&self) {
        self.are_counted.store(true, Ordering::Relaxed);
    }
}
