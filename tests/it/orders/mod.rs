//! Orders: placing them, paying them, what comes of them, coupons, and the pages about them.

mod changes;
mod coupons;
mod crashes;
mod ending;
mod pages;
mod placing;
mod races;
mod refunds;
mod settling;

use diesel::prelude::*;
use portico::access::Scope;
use portico::db::DbError;
use portico::ids::PaymentId;
use portico::money::{Currency, Money};
use portico::orders::order::{self, Order};
use portico::orders::payment::{self, Payment};
use portico::orders::place::{Asked, Place, Refusal, place};
use portico::orders::pricing::Wanted;
use portico::orders::settle::{Settle, settle};
use portico::payments::provider::{Paid, ProviderKind};
use portico::schema::{credit_wallets, organizations};

use crate::catalogue::{file_with, import_text};
use crate::support::{Persona, Portal};

/// What invoices need to know of who buys.
#[derive(AsChangeset)]
#[diesel(table_name = organizations)]
pub struct Details<'a> {
    postal_address: &'a str,
    zip: &'a str,
    city: &'a str,
    tax_id: &'a str,
}

impl<'a> From<[&'a str; 4]> for Details<'a> {
    fn from([postal_address, zip, city, tax_id]: [&'a str; 4]) -> Self {
        Self { postal_address, zip, city, tax_id }
    }
}

/// A form for so many of a plan.
pub fn plan(key: &str, quantity: u32) -> Asked {
    asked(Wanted::Plan { key: key.to_owned(), quantity })
}

/// A form for a package of credits.
pub fn package(key: &str) -> Asked {
    asked(Wanted::Package { key: key.to_owned() })
}

fn asked(wanted: Wanted) -> Asked {
    Asked { wanted, coupon: String::new(), key: "form".to_owned(), network: "192.0.2.1".to_owned() }
}

/// The same form with a coupon, or with a key of its own.
pub fn with_coupon(coupon: &str, asked: Asked) -> Asked {
    Asked { coupon: coupon.to_owned(), ..asked }
}

pub fn with_key(key: &str, asked: Asked) -> Asked {
    Asked { key: key.to_owned(), ..asked }
}

/// Money that arrived.
pub fn paid(provider_payment: &str, minor: i64, currency: Currency) -> Paid {
    Paid { provider_payment: provider_payment.to_owned(), amount: Money { minor, currency }, method: None }
}

impl Portal {
    /// Everything is for sale, and acme has said what invoices need.
    pub fn shop(&self) {
        self.shop_with(&[]);
    }

    pub fn shop_with(&self, changes: &[(&str, &str)]) {
        import_text(self, &file_with(changes)).expect("no faults");
        self.complete_details();
    }

    /// Every Organization has said what invoices need.
    pub fn complete_details(&self) {
        self.set_details(["Seestrasse 1", "8001", "Zürich", "CHE-111.222.333 MWST"]);
    }

    /// Every Organization pays in francs.
    pub fn settle_in_switzerland(&self) {
        self.rewrite(|connection| {
            diesel::update(organizations::table).set(organizations::country.eq("CH")).execute(connection)
        });
    }

    /// The address and the tax number of every Organization. Empty, they are missing.
    pub fn set_details(&self, details: [&str; 4]) {
        // By an index, though it is all of them: some tests look at how each statement finds its rows.
        let all = organizations::table.filter(organizations::slug.ge(""));
        self.rewrite(|connection| diesel::update(all).set(Details::from(details)).execute(connection));
    }

    pub fn order_as(&self, scope: &Scope, asked: &Asked) -> Place {
        self.app.write_now::<_, DbError>(|tx| place(tx, scope, asked)).expect("the transaction ends")
    }

    /// The Owner of acme places an order.
    pub fn order(&self, asked: &Asked) -> Order {
        match self.order_as(&self.scope(Persona::Owner), asked) {
            Place::Placed(order) => *order,
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    /// Why nothing is placed.
    pub fn refused(&self, asked: &Asked) -> Refusal {
        match self.order_as(&self.scope(Persona::Owner), asked) {
            Place::Refused(refusal) => refusal,
            other => panic!("{asked:?}: {other:?}"),
        }
    }

    /// The payment by which an order can be paid.
    pub fn payment(&self, of: &Order) -> Payment {
        let opened = self.app.write_now::<_, DbError>(|tx| {
            let order = order::lock(tx, &of.organization_id, &of.id)?.expect("it is there");
            payment::open(tx, &order, ProviderKind::Sandbox)
        });
        opened.expect("the transaction ends").expect("it can be paid")
    }

    pub fn settle(&self, payment: &PaymentId, paid: &Paid) -> Settle {
        self.app.write_now::<_, DbError>(|tx| settle(tx, payment, paid)).expect("the transaction ends")
    }

    /// Pays what an order costs.
    pub fn pay(&self, order: &Order) -> Settle {
        let payment = self.payment(order);
        let money = paid(&format!("money-{}", payment.id), order.bill.total, order.bill.currency);
        self.settle(&payment.id, &money)
    }

    /// An order as it is now.
    pub fn order_now(&self, of: &Order) -> Order {
        let found = self.app.db.read(|connection| order::find(connection, &of.organization_id, &of.id));
        found.expect("it is read").expect("it is there")
    }

    pub fn payments_of(&self, of: &Order) -> Vec<Payment> {
        self.app.db.read(|connection| payment::of_order(connection, &of.id)).expect("they are read")
    }

    /// How many credits acme has.
    pub fn credits(&self) -> i64 {
        let wallets = credit_wallets::table.find(self.organization_id()).select(credit_wallets::balance);
        self.query(|connection| wallets.first(connection).optional()).unwrap_or(0)
    }
}
