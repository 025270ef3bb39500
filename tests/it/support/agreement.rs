//! Whether money, orders, invoices, licences and credits say the same.

use diesel::prelude::*;
use portico::credits::check::disagreements;
use portico::db::{Connection, Db, DbError};
use portico::schema::{activity, credit_entries, invoices, licences, orders, payments};

use super::bank::{Bank, Taken};

/// An order that was paid.
type PaidOrder = (String, String, i64, Option<String>);

fn paid_orders(connection: &mut Connection) -> QueryResult<Vec<PaidOrder>> {
    let paid = orders::table.filter(orders::status.eq("paid")).order(orders::id);
    paid.select((orders::id, orders::kind, orders::total, orders::licence_id)).load(connection)
}

fn assert_given(connection: &mut Connection, (id, kind, total, licence): &PaidOrder) -> QueryResult<()> {
    let invoiced = invoices::table.filter(invoices::order_id.eq(id)).select(invoices::total);
    assert_eq!(invoiced.load::<i64>(connection)?, [*total], "the invoice of {kind} {id}");
    let told = activity::table.filter(activity::action.eq("order.paid")).filter(activity::subject_id.eq(id));
    assert_eq!(told.count().get_result::<i64>(connection)?, 1, "{kind} {id} is told once");
    if matches!(kind.as_str(), "credits" | "top_up") {
        let granted = credit_entries::table.filter(credit_entries::reference.eq(format!("order/{id}")));
        assert_eq!(granted.count().get_result::<i64>(connection)?, 1, "the credits of {kind} {id}");
    } else {
        let licence = licence.as_ref().unwrap_or_else(|| panic!("{kind} {id} has no licence"));
        assert_eq!(licences::table.find(licence).count().get_result::<i64>(connection)?, 1, "of {kind} {id}");
    }
    Ok(())
}

impl Bank {
    /// How many orders are paid.
    pub fn paid(db: &Db) -> usize {
        db.read::<_, DbError>(|connection| Ok(paid_orders(connection)?)).expect("they are read").len()
    }

    /// What the bank took is what orders say was paid and what invoices are about, once each; and what was paid for is given, once.
    pub fn assert_agrees(&self, db: &Db) {
        db.read::<_, DbError>(|connection| {
            let mut rows: Vec<(String, Option<String>, i64)> = payments::table
                .filter(payments::status.eq("paid"))
                .select((payments::id, payments::provider_payment, payments::amount))
                .load(connection)?;
            rows.sort();
            let name = |(payment, id, minor): (String, Option<String>, i64)| Taken {
                id: id.unwrap_or_default(),
                payment,
                minor,
            };
            assert_eq!(rows.into_iter().map(name).collect::<Vec<_>>(), self.taken(), "the payments and the bank");
            let paid = paid_orders(connection)?;
            let owed: i64 = paid.iter().map(|(.., total, _)| total).sum();
            assert_eq!(owed, self.taken().iter().map(|one| one.minor).sum::<i64>(), "the orders and the bank");
            for order in &paid {
                assert_given(connection, order)?;
            }
            let mut numbers: Vec<String> = invoices::table.select(invoices::number).load(connection)?;
            numbers.sort();
            let year = numbers.first().and_then(|number| number.split('-').nth(1)).unwrap_or_default().to_owned();
            let without_gaps: Vec<String> = (1..=paid.len()).map(|number| format!("INV-{year}-{number:06}")).collect();
            assert_eq!(numbers, without_gaps, "one invoice for each");
            assert_eq!(disagreements(connection)?, [], "the ledgers");
            Ok(())
        })
        .expect("everything is read");
    }
}
