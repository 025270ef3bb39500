//! What the company has bought over the years, and who uses it.

use chrono::{Days, Months};
use diesel::prelude::*;

use super::people::{address, scope_of};
use super::purchases::pay;
use super::{Event, Seeder, expect, unexpected, vouchers};
use crate::access::{Operator, Scope};
use crate::db::{DbError, WriteTx};
use crate::ids::LicenceId;
use crate::licences::changes::state;
use crate::licences::seats::{self, Occupy};
use crate::licences::{cancellation, grants, suspension};
use crate::orders::changes::place::{self, Place};
use crate::orders::changes::prepare::{Wanted as WantedChange, prepare};
use crate::orders::pricing::Wanted;
use crate::organizations::organization;
use crate::schema::licences;

/// A licence, and its story. Days are days ago.
struct Story {
    /// The key of the plan, and how many of it.
    plan: &'static str,
    quantity: u32,
    how: How,
    since: Since,
    /// Names of addresses, and since when they have a seat.
    seated: &'static [(&'static str, i64)],
    /// The same of Readers and Members who were given access.
    granted: &'static [(&'static str, i64)],
    later: Option<(i64, Chapter)>,
}

/// How the company came by it, and who saw to that.
#[derive(Clone, Copy)]
enum How {
    /// With this coupon.
    Bought(&'static str, &'static str),
    Redeemed(&'static str),
}

#[derive(Clone, Copy)]
enum Since {
    Days(i64),
    /// So many months ago, on such a day that the next one is charged in nine days.
    Months(u32),
}

/// What happens in the story of a licence.
#[derive(Clone, Copy)]
pub(super) enum Chapter {
    Begun,
    Seated(&'static str),
    Granted(&'static str),
    Cancelled,
    Suspended,
    /// Another year of Support & Upgrade.
    Supported,
}

const UNTIL_NOW: Story = Story {
    plan: "",
    quantity: 1,
    how: How::Bought("owner", ""),
    since: Since::Days(0),
    seated: &[],
    granted: &[],
    later: None,
};

/// From the oldest on.
const STORIES: [Story; 9] = [
    // Every month anew.
    Story {
        plan: "catch-monthly",
        quantity: 3,
        how: How::Bought("manager", ""),
        since: Since::Months(17),
        seated: &[("editor", 410), ("manager", 400), ("hannah.berger", 12)],
        ..UNTIL_NOW
    },
    // Renewed in time, once.
    Story {
        plan: "mapper-yearly",
        quantity: 12,
        since: Since::Days(390),
        seated: &[
            ("editor", 388),
            ("aisha.rahman", 344),
            ("beatriz.carvalho", 340),
            ("daniel.fischer", 330),
            ("emilie.laurent", 310),
            ("finn.osullivan", 300),
            ("grace.kimani", 280),
            ("hannah.berger", 260),
            ("laura.nieminen", 200),
            ("reader", 120),
        ],
        granted: &[("reader", 121), ("member", 60)],
        ..UNTIL_NOW
    },
    // Nobody wanted another year of it: it has ended for good.
    Story {
        plan: "react-yearly",
        quantity: 4,
        how: How::Bought("manager", "LAUNCH15"),
        since: Since::Days(388),
        seated: &[("ivan.petrovic", 200)],
        later: Some((60, Chapter::Cancelled)),
        ..UNTIL_NOW
    },
    Story {
        plan: "mapper-perpetual",
        quantity: 3,
        since: Since::Days(375),
        seated: &[("owner", 340), ("kenji.watanabe", 240)],
        later: Some((26, Chapter::Supported)),
        ..UNTIL_NOW
    },
    // In its grace period, with seats: the bank declined another year of it.
    Story {
        plan: "fields-yearly",
        quantity: 5,
        how: How::Bought("manager", ""),
        since: Since::Days(371),
        seated: &[("jasmin.haddad", 250), ("mateo.fernandez", 230), ("member", 90)],
        granted: &[("member", 91)],
        ..UNTIL_NOW
    },
    // Its last day is near: nothing was paid for it, so it does not renew itself.
    Story {
        plan: "cloud-advanced-yearly",
        how: How::Redeemed("manager"),
        since: Since::Days(360),
        granted: &[("member", 200)],
        ..UNTIL_NOW
    },
    Story {
        plan: "react-yearly",
        quantity: 2,
        since: Since::Days(190),
        seated: &[("tomasz.zielinski", 188)],
        later: Some((2, Chapter::Suspended)),
        ..UNTIL_NOW
    },
    Story {
        plan: "cloud-monthly",
        how: How::Bought("chiara.romano", ""),
        since: Since::Days(20),
        later: Some((2, Chapter::Cancelled)),
        ..UNTIL_NOW
    },
    Story {
        plan: "fields-trial",
        how: How::Bought("manager", ""),
        since: Since::Days(5),
        seated: &[("editor", 4)],
        ..UNTIL_NOW
    },
];

impl Seeder {
    pub(super) fn plan_licences(&mut self) {
        for (number, story) in STORIES.iter().enumerate() {
            self.days_ago(self.days_since(story.since), Event::Licence(number, Chapter::Begun));
            for (name, days) in story.granted {
                self.days_ago(*days, Event::Licence(number, Chapter::Granted(name)));
            }
            for (name, days) in story.seated {
                self.days_ago(*days, Event::Licence(number, Chapter::Seated(name)));
            }
            if let Some((days, chapter)) = story.later {
                self.days_ago(days, Event::Licence(number, chapter));
            }
        }
    }

    fn days_since(&self, since: Since) -> i64 {
        match since {
            Since::Days(days) => days,
            Since::Months(months) => {
                let today = self.now.day();
                (today - (today + Days::new(16) - Months::new(months))).num_days()
            }
        }
    }

    pub(super) fn go_on(
        &mut self,
        tx: &mut WriteTx,
        owner: &Scope,
        number: usize,
        chapter: &Chapter,
    ) -> Result<(), DbError> {
        if let Chapter::Begun = chapter {
            return self.begin(tx, owner, number);
        }
        let id = self.licences.get(&number).cloned().ok_or_else(|| unexpected(number))?;
        match chapter {
            Chapter::Begun => Ok(()),
            Chapter::Granted(name) => grants::grant(tx, owner, &id, &address(name)).map(drop),
            Chapter::Seated(name) => {
                let scope = scope_of(tx, owner, name)?;
                expect(seats::occupy(tx, &scope, &id)? == Occupy::Occupied, name)
            }
            Chapter::Cancelled => cancellation::cancel(tx, owner, &id).map(drop),
            Chapter::Suspended => suspension::suspend(tx, &Operator { name: String::new() }, &id).map(drop),
            Chapter::Supported => self.buy_support(tx, owner, &id),
        }
    }

    fn begin(&mut self, tx: &mut WriteTx, owner: &Scope, number: usize) -> Result<(), DbError> {
        let story = &STORIES[number];
        let id = match story.how {
            How::Bought(by, coupon) => {
                let buyer = scope_of(tx, owner, by)?;
                let wanted = Wanted::Plan { key: story.plan.to_owned(), quantity: story.quantity };
                self.buy(tx, &buyer, wanted, coupon)?.licence_id.ok_or_else(|| unexpected(story.plan))?
            }
            How::Redeemed(by) => {
                let scope = scope_of(tx, owner, by)?;
                vouchers::redeem_one(tx, &scope, story.plan)?;
                let theirs = licences::table.filter(licences::organization_id.eq(owner.organization_id()));
                theirs.order(licences::id.desc()).select(licences::id).first(tx.connection)?
            }
        };
        self.await_end(tx, &id)?;
        self.licences.insert(number, id);
        Ok(())
    }

    fn buy_support(&mut self, tx: &mut WriteTx, owner: &Scope, id: &LicenceId) -> Result<(), DbError> {
        let (customer, now) = (organization::load(tx.connection, owner.organization_id())?, tx.now);
        let licence = state::locked(tx, owner.organization_id(), id)?.ok_or_else(|| unexpected(id))?;
        let used = seats::used(tx.connection, id)?;
        let prepared = prepare(tx.connection, &customer, (&licence, used), &WantedChange::Support, now)?;
        let shown = prepared.map_err(unexpected)?.quote.bill.total;
        let asked = place::Asked { licence: id.clone(), wanted: WantedChange::Support, key: self.key(), shown };
        match place::place(tx, owner, &asked)? {
            Place::Placed(order) => pay(tx, owner, *order).map(drop),
            other => Err(unexpected(other)),
        }
    }
}
