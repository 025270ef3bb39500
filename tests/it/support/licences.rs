//! Licences as tests reach them.

use diesel::prelude::*;
use portico::access::{Operator, Scope};
use portico::audit::By;
use portico::db::DbError;
use portico::ids::{LicenceId, SeatId};
use portico::licences::changes::job;
use portico::licences::copied_plan::CopiedPlan;
use portico::licences::grants::{self, Grant};
use portico::licences::issue::{Given, issue};
use portico::licences::licence::Licence;
use portico::licences::renewal::{self, Renew};
use portico::licences::seats::{self, Occupy};
use portico::licences::terms::Term;
use portico::money::Currency;
use portico::schema::{licence_seats, licences, memberships, users};
use portico::time::Timestamp;

use super::{Persona, Portal};

/// What most licences of tests are of.
const DESKTOP: &str = "Mapper";

/// What is given, with so many seats.
pub fn given(term: Term, seats: u16) -> Given {
    Given {
        product: DESKTOP.to_owned(),
        plan: "Team".to_owned(),
        term,
        seats,
        includes: vec!["Desktop processing".to_owned(), "E-mail support".to_owned()],
        support_until: None,
        sold: None,
    }
}

impl Portal {
    /// A licence of the Organization of the personas.
    pub fn licence(&self, term: Term, seats: u16) -> LicenceId {
        self.licence_of(&given(term, seats))
    }

    pub fn licence_of(&self, given: &Given) -> LicenceId {
        let owner = self.scope(Persona::Owner);
        self.app
            .write_now::<_, DbError>(|tx| issue(tx, By::member(&owner), owner.organization_id(), given))
            .expect("the licence is issued")
    }

    pub fn licence_row(&self, id: &LicenceId) -> Licence {
        self.query(|connection| licences::table.find(id).select(Licence::as_select()).first(connection))
    }

    /// Gives a Reader or Member access.
    pub fn give_access(&self, id: &LicenceId, email: &str) -> Grant {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| grants::grant(tx, &owner, id, email)).expect("the grant is stored")
    }

    /// Gives all of them access.
    pub fn grant_everybody(&self, id: &LicenceId) {
        let organization = self.organization_id();
        let emails: Vec<String> = self.query(|connection| {
            memberships::table
                .inner_join(users::table)
                .filter(memberships::organization_id.eq(&organization))
                .filter(memberships::role.eq_any(["member", "reader"]))
                .select(users::email)
                .load(connection)
        });
        for email in emails {
            self.give_access(id, &email);
        }
    }

    /// A persona takes a seat.
    pub fn occupy(&self, id: &LicenceId, persona: Persona) -> Occupy {
        self.occupy_as(&self.scope(persona), id)
    }

    /// Somebody takes a seat, with the role that they had when their request began.
    pub fn occupy_as(&self, scope: &Scope, id: &LicenceId) -> Occupy {
        self.app.write_now::<_, DbError>(|tx| seats::occupy(tx, scope, id)).expect("the transaction ends")
    }

    /// Who has a seat, by address.
    pub fn seats_of(&self, id: &LicenceId) -> Vec<String> {
        self.query(|connection| {
            licence_seats::table
                .inner_join(users::table)
                .filter(licence_seats::licence_id.eq(id))
                .order(users::email)
                .select(users::email)
                .load(connection)
        })
    }

    /// The seats themselves, with since when.
    pub fn seat_rows(&self, id: &LicenceId) -> Vec<(SeatId, Timestamp)> {
        self.query(|connection| {
            licence_seats::table
                .filter(licence_seats::licence_id.eq(id))
                .order(licence_seats::id)
                .select((licence_seats::id, licence_seats::occupied_at))
                .load(connection)
        })
    }

    /// What the operator of a test is called.
    pub fn operator(&self) -> Operator {
        Operator { name: "ada".to_owned() }
    }
}

/// A plan that licences of tests can change to, in francs.
pub fn copied_plan(name: &str, term: Term, seats: u32, unit_price: i64) -> CopiedPlan {
    CopiedPlan {
        key: format!("mapper-{}", name.to_lowercase()),
        name: name.to_owned(),
        term,
        seats,
        includes: vec![format!("All of {name}")],
        credits: 0,
        unit_price,
        currency: Currency::Chf,
    }
}

impl Portal {
    /// A licence of the plan "Team" that was bought, at so much for each seat and term.
    pub fn bought(&self, term: Term, quantity: u16, unit_price: i64) -> LicenceId {
        let id = self.licence(term, quantity);
        self.rewrite(|connection| {
            diesel::update(licences::table.find(&id))
                .set((
                    licences::product_key.eq("mapper"),
                    licences::plan_key.eq("mapper-team"),
                    licences::quantity.eq(i32::from(quantity)),
                    licences::unit_price.eq(unit_price),
                    licences::currency.eq("CHF"),
                ))
                .execute(connection)
        });
        id
    }

    /// What is paid for is given, as an order does it.
    pub fn renew(&self, id: &LicenceId) -> Renew {
        let owner = self.scope(Persona::Owner);
        let renew = |tx: &mut portico::db::WriteTx| {
            let scope = owner.lock(tx)?.expect("an Owner");
            renewal::renew(tx, By::member(&scope), scope.organization_id(), id)
        };
        self.app.write_now::<_, DbError>(renew).expect("the transaction ends")
    }

    /// What the job does that gives licences what their next term has.
    pub fn do_licence_changes(&self) {
        let now = self.app.now();
        for (organization, licence) in self.app.db.read(|connection| job::due(connection, now)).expect("an answer") {
            let apply = |tx: &mut portico::db::WriteTx| job::apply(tx, &organization, &licence);
            self.app.write_now::<_, DbError>(apply).expect("the transaction ends");
        }
    }
}
