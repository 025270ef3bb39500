//! What an Organization is charged to.

use chrono::NaiveDate;
use diesel::prelude::*;
use portico::billing::bill::Bill;
use portico::billing::party::Party;
use portico::billing::tax::Treatment;
use portico::db::DbError;
use portico::ids::OrderId;
use portico::money::Currency;
use portico::orders::item::{CreditsItem, Item};
use portico::payments::provider::ProviderKind;
use portico::schema::{orders, payment_methods};
use portico::time::Timestamp;

use super::Portal;

impl Portal {
    /// Has the Organization of the personas pay with a card from now on.
    pub fn keep_method(&self, method: &str) {
        self.keep_method_at(ProviderKind::Sandbox, method);
    }

    pub fn keep_method_at(&self, provider: ProviderKind, method: &str) {
        self.forget_method();
        let organization = self.organization_id();
        self.app
            .write_now::<_, DbError>(|tx| {
                let row = (
                    payment_methods::organization_id.eq(&organization),
                    payment_methods::provider.eq(<&str>::from(provider)),
                    payment_methods::customer.eq("customer-1"),
                    payment_methods::method.eq(method),
                    payment_methods::brand.eq("Visa"),
                    payment_methods::last_four.eq("4242"),
                    payment_methods::good_until.eq(None::<NaiveDate>),
                    payment_methods::kept_at.eq(tx.now),
                    payment_methods::kept_by.eq("Olga Tester"),
                );
                diesel::insert_into(payment_methods::table).values(row).execute(tx.connection)?;
                Ok(())
            })
            .expect("the method is stored");
    }

    pub fn forget_method(&self) {
        let organization = self.organization_id();
        self.app
            .write_now::<_, DbError>(|tx| {
                let theirs = payment_methods::table.filter(payment_methods::organization_id.eq(&organization));
                Ok(diesel::delete(theirs).execute(tx.connection)?)
            })
            .expect("the method is removed");
    }

    /// Has the Organization have paid for something, once.
    pub fn buy_once(&self) {
        let organization = self.organization_id();
        let bill = Bill::new(Currency::Chf, Vec::new(), None, Treatment::NotCharged);
        let item = Item::Credits(CreditsItem { package_key: "credits-100".to_owned(), credits: 100 });
        let (json, party) = (|part: &Bill| serde_json::to_string(part).expect("JSON"), Party::default());
        let (item, party) = (serde_json::to_string(&item).expect("JSON"), serde_json::to_string(&party).expect("JSON"));
        self.app
            .write_now::<_, DbError>(|tx| {
                let row = (
                    (
                        orders::id.eq(OrderId::new(tx.now)),
                        orders::organization_id.eq(&organization),
                        orders::number.eq(format!("T-{}", OrderId::new(tx.now))),
                        orders::placed_by.eq(None::<String>),
                        orders::placed_by_name.eq("Olga Tester"),
                        orders::kind.eq("credits"),
                        orders::item.eq(&item),
                        orders::bill.eq(json(&bill)),
                        orders::seller.eq(&party),
                        orders::buyer.eq(&party),
                    ),
                    (
                        orders::currency.eq("CHF"),
                        orders::total.eq(0_i64),
                        orders::coupon.eq(None::<String>),
                        orders::order_key.eq(OrderId::new(tx.now).to_string()),
                        orders::asked_hash.eq(""),
                        orders::status.eq("paid"),
                        orders::placed_at.eq(tx.now),
                        orders::ends_at.eq(tx.now),
                        orders::paid_at.eq(Some(tx.now)),
                        orders::ended_at.eq(None::<Timestamp>),
                        orders::refunded.eq(0_i64),
                    ),
                );
                diesel::insert_into(orders::table).values(row).execute(tx.connection)?;
                Ok(())
            })
            .expect("the order is stored");
    }
}
