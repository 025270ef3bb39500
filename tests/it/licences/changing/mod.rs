//! Changing what a licence is and costs: at once, with the next term, and many at the same moment.

mod at_once;
mod properties;
mod races;
mod scheduled;

use portico::access::Scope;
use portico::audit::By;
use portico::db::{DbError, WriteTx};
use portico::ids::LicenceId;
use portico::licences::changes::raise::{self, Raise};
use portico::licences::changes::schedule::{self, Schedule, TakeBack, What};
use portico::licences::changes::state::State;
use portico::licences::changes::upgrade::{self, Upgrade};
use portico::licences::copied_plan::CopiedPlan;

use crate::support::{Persona, Portal};

/// Adds seats that were paid for a licence as it was, as an order does it.
fn raise_in(
    tx: &mut WriteTx,
    owner: &Scope,
    licence: &LicenceId,
    more: u32,
    made_for: &State,
) -> Result<Raise, DbError> {
    let scope = owner.lock(tx)?.expect("an Owner");
    raise::raise(tx, By::member(&scope), scope.organization_id(), licence, more, made_for)
}

fn upgrade_in(
    tx: &mut WriteTx,
    owner: &Scope,
    licence: &LicenceId,
    plan: &CopiedPlan,
    made_for: &State,
) -> Result<Upgrade, DbError> {
    let scope = owner.lock(tx)?.expect("an Owner");
    upgrade::upgrade(tx, By::member(&scope), scope.organization_id(), licence, plan, made_for)
}

impl Portal {
    fn state_of(&self, licence: &LicenceId) -> State {
        State::of(&self.licence_row(licence))
    }

    fn raise(&self, licence: &LicenceId, more: u32, made_for: &State) -> Raise {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| raise_in(tx, &owner, licence, more, made_for)).expect("it ends")
    }

    fn upgrade(&self, licence: &LicenceId, plan: &CopiedPlan, made_for: &State) -> Upgrade {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| upgrade_in(tx, &owner, licence, plan, made_for)).expect("it ends")
    }

    fn reduce(&self, licence: &LicenceId, quantity: i32) -> Schedule {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| schedule::reduce(tx, &owner, licence, quantity)).expect("it ends")
    }

    fn change_plan(&self, licence: &LicenceId, plan: &CopiedPlan) -> Schedule {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| schedule::change_plan(tx, &owner, licence, plan)).expect("it ends")
    }

    fn take_back(&self, licence: &LicenceId, what: What) -> TakeBack {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| schedule::take_back(tx, &owner, licence, what)).expect("it ends")
    }
}
