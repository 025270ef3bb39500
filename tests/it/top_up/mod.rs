//! Auto top-up: when it buys, when it does not, and what becomes of a charge that fails.

mod crash;
mod declined;
mod page;
mod races;
mod rules;

use chrono::Duration;
use diesel::prelude::*;
use portico::db::DbError;
use portico::money::{Currency, Money};
use portico::orders::top_up::choose::{self, SwitchOff, SwitchOn};
use portico::orders::top_up::record::TopUp;
use portico::orders::top_up::settings::{Choice, Settings};
use portico::schema::{orders, top_up_settings, top_ups};

use crate::credits::Given;
use crate::renewals::Desk;
use crate::support::{Persona, Portal};

/// What 100 credits cost, with tax.
pub const ONE: i64 = 10_702;

pub fn choice(threshold: i64, monthly_cap: i64) -> Choice {
    let monthly_cap = Money { minor: monthly_cap, currency: Currency::Chf };
    Choice { package: "credits-100".to_owned(), threshold, monthly_cap }
}

/// A portal that has bought something once, with 150 credits.
pub fn desk(portal: &Portal) -> Desk<'_> {
    let desk = Desk::new(portal);
    portal.buy_once();
    portal.grant(Given::new(150, "welcome"));
    desk
}

/// The same with auto top-up on: 100 credits where no more than 50 are left, ten times a month.
pub fn switched_on(portal: &Portal) -> Desk<'_> {
    let desk = desk(portal);
    assert_eq!(portal.switch_on(&choice(50, 10 * ONE)), SwitchOn::On { has_begun: false });
    desk
}

impl Portal {
    pub fn switch_on(&self, choice: &Choice) -> SwitchOn {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| choose::switch_on(tx, &owner, choice)).expect("an answer")
    }

    pub fn switch_off(&self) -> SwitchOff {
        let owner = self.scope(Persona::Owner);
        self.app.write_now::<_, DbError>(|tx| choose::switch_off(tx, &owner)).expect("an answer")
    }

    pub fn top_up_settings(&self) -> Settings {
        self.query(|connection| top_up_settings::table.select(Settings::as_select()).first(connection))
    }

    /// What came of each, oldest first: `None` while it is pending.
    pub fn top_ups(&self) -> Vec<Option<&'static str>> {
        let rows: Vec<TopUp> =
            self.query(|connection| top_ups::table.order(top_ups::id).select(TopUp::as_select()).load(connection));
        rows.into_iter().map(|row| row.outcome.map(<&str>::from)).collect()
    }

    /// The totals of the orders of top-ups that were paid.
    pub fn paid_top_ups(&self) -> Vec<i64> {
        self.query(|connection| {
            orders::table
                .filter(orders::kind.eq("top_up"))
                .filter(orders::status.eq("paid"))
                .order(orders::id)
                .select(orders::total)
                .load(connection)
        })
    }
}

/// What the bank took is what the orders of top-ups say.
pub fn assert_money_agrees(desk: &Desk<'_>) {
    let taken: i64 = desk.till.paid().iter().map(|(_, amount)| amount.minor).sum();
    assert_eq!(taken, desk.portal.paid_top_ups().iter().sum::<i64>());
    desk.portal.assert_ledgers_agree();
}

/// So many minutes later, with what is due done each minute.
pub fn minutes(desk: &Desk<'_>, minutes: usize) {
    desk.pass(minutes, Duration::minutes(1));
}
