//! Ordering changes of a licence: prices, one at a time, and money that comes too late.

mod late;
mod pages;
mod undoing;

use diesel::prelude::*;
use portico::access::Scope;
use portico::db::DbError;
use portico::ids::LicenceId;
use portico::licences::changes::schedule;
use portico::licences::changes::state::Refusal as NotChanged;
use portico::licences::terms::Term;
use portico::orders::changes::place::{Asked, Place, place};
use portico::orders::changes::prepare::{Prepared, Refusal, Wanted, prepare};
use portico::orders::item::Kind;
use portico::orders::order::{Order, Status};
use portico::orders::payment::Status as PaymentStatus;
use portico::orders::settle::Settle;
use portico::organizations::organization;
use portico::schema::{invoices, orders};
use rstest::rstest;
use rstest_reuse::apply;

use crate::catalogue::{file_with, import_text};
use crate::support::{Persona, Portal, all_at_once, on_both};

/// Plans beside those of every catalogue of tests.
const PLANS: (&str, &str) = (
    "[plans.mapper-trial]",
    "[plans.mapper-plus]\nproduct = \"mapper\"\nname = \"Plus\"\nterm = \"yearly\"\nseats = 1\n\
     price = { CHF = 3290.00, USD = 3490.00 }\n\n\
     [plans.mapper-light]\nproduct = \"mapper\"\nname = \"Light\"\nterm = \"yearly\"\nseats = 1\n\
     price = { CHF = 990.00, USD = 1090.00 }\n\n\
     [plans.mapper-support]\nproduct = \"mapper\"\nname = \"Support & Upgrade\"\nterm = \"support_and_upgrade\"\n\
     price = { CHF = 890.00, USD = 940.00 }\n\n[plans.mapper-trial]",
);

const PRICE: i64 = 269_000;

impl Portal {
    /// Plans to change to are for sale, and acme has said what invoices need.
    pub fn shop_of_plans(&self) {
        self.sell_plans();
        self.complete_details();
    }

    /// The first half of that.
    pub fn sell_plans(&self) {
        import_text(self, &file_with(&[PLANS])).expect("no faults");
    }

    pub fn prepared(&self, licence: &LicenceId, wanted: &Wanted) -> Result<Prepared, Refusal> {
        let (row, used) = (self.licence_row(licence), self.seats_of(licence).len() as i64);
        let (id, now) = (self.organization_id(), self.app.now());
        let prepared = self.app.db.read(|connection| {
            let organization = organization::load(connection, &id)?;
            prepare(connection, &organization, (&row, used), wanted, now)
        });
        prepared.expect("it is read")
    }

    fn change_as(&self, scope: &Scope, asked: &Asked) -> Place {
        self.app.write_now::<_, DbError>(|tx| place(tx, scope, asked)).expect("the transaction ends")
    }

    /// What somebody confirms who was shown the price of this moment.
    fn asked(&self, licence: &LicenceId, wanted: Wanted, key: &str) -> Asked {
        let shown = self.prepared(licence, &wanted).expect("a price").quote.bill.total;
        Asked { licence: licence.clone(), wanted, key: key.to_owned(), shown }
    }

    fn changed(&self, licence: &LicenceId, wanted: Wanted, key: &str) -> Order {
        let asked = self.asked(licence, wanted, key);
        match self.change_as(&self.scope(Persona::Owner), &asked) {
            Place::Placed(order) => *order,
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    fn invoices(&self) -> i64 {
        self.query(|connection| invoices::table.count().get_result(connection))
    }
}

fn upgrade(plan: &str) -> Wanted {
    Wanted::Upgrade { plan: plan.to_owned() }
}

#[apply(on_both)]
fn each_change_is_ordered_paid_and_given_once(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let order = portal.changed(&licence, Wanted::Seats { more: 3 }, "one");
    assert_eq!((order.bill.net, order.bill.tax, order.licence_id.as_ref()), (3 * PRICE, 65_367, Some(&licence)));
    assert_eq!((order.item.to_string().as_str(), order.item.kind()), ("3 more of Mapper, Team", Kind::Change));
    assert_eq!(portal.licence_row(&licence).seats, 2, "nothing before it is paid");
    let again =
        portal.change_as(&portal.scope(Persona::Owner), &portal.asked(&licence, Wanted::Seats { more: 3 }, "one"));
    assert!(matches!(again, Place::Placed(same) if same.id == order.id), "the same form is the same order");
    let other =
        portal.change_as(&portal.scope(Persona::Owner), &portal.asked(&licence, Wanted::Seats { more: 2 }, "one"));
    assert!(matches!(other, Place::OtherWithKey(_)));
    let recorded = portal.recorded_actions(|| assert!(matches!(portal.pay(&order), Settle::Settled(_))));
    assert_eq!(recorded, ["invoice.issued", "licence.seats.changed", "order.paid"]);
    assert_eq!(portal.licence_row(&licence).seats, 5);

    let order = portal.changed(&licence, upgrade("mapper-plus"), "two");
    assert_eq!(order.bill.lines[0].calculation, "CHF 3,290.00 less CHF 2,690.00");
    assert!(matches!(portal.pay(&order), Settle::Settled(_)));
    assert_eq!((portal.licence_row(&licence).plan.as_str(), order.bill.net), ("Plus", 5 * 60_000));

    let before = portal.licence_row(&licence).ends_at;
    let order = portal.changed(&licence, Wanted::Renewal, "three");
    assert_eq!(order.bill.net, 5 * 329_000, "the price that the licence has now");
    assert!(matches!(portal.pay(&order), Settle::Settled(_)));
    assert!(portal.licence_row(&licence).ends_at > before);
    let refused = portal.prepared(&licence, &Wanted::Renewal).expect_err("one term ahead is enough");
    assert!(matches!(refused, Refusal::Licence(NotChanged::RenewedUntil { .. })), "{refused:?}");

    let perpetual = portal.bought(Term::Perpetual, 2, 469_000);
    let order = portal.changed(&perpetual, Wanted::Support, "four");
    assert_eq!((order.bill.net, order.bill.lines[0].description.as_str()), (178_000, "Mapper, Support & Upgrade"));
    assert!(matches!(portal.pay(&order), Settle::Settled(_)));
    assert!(portal.licence_row(&perpetual).support_until.is_some());
    assert_eq!(portal.invoices(), 4);
}

/// Of two changes of one licence that wait for their money, the one that was ordered last stands.
#[apply(on_both)]
fn a_second_change_ends_the_first_and_money_for_the_first_changes_nothing(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let first = portal.changed(&licence, Wanted::Seats { more: 3 }, "one");
    let payment = portal.payment(&first);
    let second = portal.changed(&licence, upgrade("mapper-plus"), "two");
    assert_eq!((portal.order_now(&first).status, second.status), (Status::Ended, Status::Pending));
    assert!(matches!(portal.pay(&second), Settle::Settled(_)));
    // The page of the provider was still open.
    let money = super::paid("late", first.bill.total, first.bill.currency);
    let actions = portal.recorded_actions(|| assert_eq!(portal.settle(&payment.id, &money), Settle::Unmatched));
    assert_eq!(actions, ["payment.unmatched"]);
    let row = portal.licence_row(&licence);
    assert_eq!((row.seats, row.plan.as_str()), (2, "Plus"));
    assert_eq!(portal.order_now(&first).status, Status::Ended);
    assert_eq!(portal.payments_of(&first)[0].status, PaymentStatus::Unmatched, "it waits to be given back");
    assert_eq!(portal.invoices(), 1, "nothing was sold by it");
    assert_eq!(portal.settle(&payment.id, &money), Settle::Unmatched, "told again, it is the same money");
}

#[apply(on_both)]
fn money_for_a_licence_that_was_changed_without_an_order_changes_nothing(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 3, PRICE);
    let order = portal.changed(&licence, Wanted::Renewal, "one");
    let owner = portal.scope(Persona::Owner);
    portal.app.write_now::<_, DbError>(|tx| schedule::reduce(tx, &owner, &licence, 1)).expect("it is stored");
    let before = portal.licence_row(&licence).ends_at;
    assert_eq!(portal.pay(&order), Settle::Unmatched, "the next term is for fewer, and costs less");
    assert_eq!((portal.licence_row(&licence).ends_at, portal.order_now(&order).status), (before, Status::Ended));
}

#[apply(on_both)]
fn what_is_confirmed_is_what_was_shown(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let asked = portal.asked(&licence, Wanted::Seats { more: 1 }, "one");
    let owner = portal.scope(Persona::Owner);
    for shown in [0, 1, -1, asked.shown - 1, i64::MAX] {
        let other = portal.change_as(&owner, &Asked { shown, ..asked.clone() });
        assert_eq!(other, Place::OtherPrice, "{shown}: a posted price decides nothing");
    }
    portal.later(chrono::Duration::days(3));
    assert_eq!(portal.change_as(&owner, &asked), Place::OtherPrice, "days went by");
    let count: i64 = portal.query(|connection| orders::table.count().get_result(connection));
    assert_eq!(count, 0);
}

#[apply(on_both)]
fn who_may_not_orders_nothing(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let asked = portal.asked(&licence, Wanted::Seats { more: 1 }, "one");
    for persona in [Persona::Member, Persona::Reader, Persona::Editor] {
        let outcome = portal.change_as(&portal.scope(persona), &asked);
        assert_eq!(outcome, Place::Refused(Refusal::NotAllowed), "{persona:?}");
    }
    let stranger = portal.scope_of(&Persona::Outsider.email(), "elsewhere");
    assert_eq!(portal.change_as(&stranger, &asked), Place::Refused(Refusal::Gone), "of another Organization");
    assert_eq!(
        portal.prepared(&licence, &upgrade("mapper-light")).expect_err("it is no upgrade"),
        Refusal::Licence(NotChanged::NoSuchPlan)
    );
    assert_eq!(portal.prepared(&licence, &upgrade("cloud-monthly")).expect_err("another product"), Refusal::NotSold);
}

/// Fifty confirm different changes of one licence at once: one waits for its money, and all others have ended.
#[apply(on_both)]
fn of_fifty_changes_at_once_one_is_pending(#[case] portal: &Portal) {
    portal.shop_of_plans();
    let licence = portal.bought(Term::Yearly, 2, PRICE);
    let owner = portal.scope(Persona::Owner);
    let asked: Vec<Asked> =
        (1..=50).map(|more| portal.asked(&licence, Wanted::Seats { more }, &format!("form {more}"))).collect();
    let outcomes = all_at_once(asked.len(), |number| {
        loop {
            // A connection waits for its turn; who does not get one in time tries again, as a person would.
            match portal.app.write_now::<_, DbError>(|tx| place(tx, &owner, &asked[number])) {
                Ok(outcome) => return outcome,
                Err(error) => assert!(error.is_temporary(), "{error}"),
            }
        }
    });
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Place::Placed(_))), "{outcomes:?}");
    let pending: i64 = portal
        .query(|connection| orders::table.filter(orders::status.eq(Status::Pending)).count().get_result(connection));
    assert_eq!(pending, 1);
}
